// What pages can do besides where scripts run. Each works without.
"use strict";

for (const button of document.querySelectorAll("[data-copies]")) {
  const field = document.getElementById(button.dataset.copies);
  const words = button.textContent;
  const status = button.closest(".field").querySelector("[role=status]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Press Ctrl+C"; // It is selected.
    }
    status.textContent = button.textContent; // Said to those who do not see the button.
    setTimeout(() => { button.textContent = words; status.textContent = ""; }, 2000);
  });
}

for (const field of document.querySelectorAll("input[readonly].code")) {
  field.addEventListener("focus", () => field.select());
}

const some = document.getElementById("access-some");
for (const box of document.querySelectorAll("input[name=scope]")) {
  box.addEventListener("change", () => { if (box.checked) some.checked = true; });
}

const summary = document.querySelector(".summary");
if (summary) summary.focus();

for (const form of document.querySelectorAll("main form")) {
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = true;
  });
}
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[type=submit]")) button.disabled = false;
});
