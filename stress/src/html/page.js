"use strict";
const folded = () => document.querySelectorAll("details.run");
const reveal = () => {
  const run = location.hash && document.getElementById(location.hash.slice(1));
  if (run && run.tagName === "DETAILS") { run.open = true; run.scrollIntoView(); }
};
addEventListener("hashchange", reveal);
addEventListener("beforeprint", () => folded().forEach((run) => { run.open = true; }));
document.querySelectorAll("button[data-open]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => {
    const open = button.dataset.open;
    folded().forEach((run) => { run.open = open === "all" || (open === "failed" && run.classList.contains("fail")); });
  });
});
reveal();
