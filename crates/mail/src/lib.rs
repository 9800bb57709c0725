//! Adapter: sends mail, over SMTP or into files.
