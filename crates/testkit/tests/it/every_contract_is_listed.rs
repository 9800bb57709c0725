//! A contract that is written but not listed would be kept by nobody.

use std::path::Path;

#[test]
fn every_contract_is_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/contracts");
    let list = std::fs::read_to_string(folder.join("list.rs")).unwrap();
    let mut contracts = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let source = std::fs::read_to_string(&path).unwrap();
        for line in source.lines().filter_map(|line| line.strip_prefix("pub async fn ")) {
            let (name, _) = line.split_once('(').unwrap();
            assert!(list.contains(&format!(" {name},")), "{name} of {} is not in list.rs", path.display());
            contracts += 1;
        }
    }
    assert_eq!(
        list.lines().filter(|line| line.starts_with("                ") && line.ends_with(',')).count(),
        contracts
    );
}
