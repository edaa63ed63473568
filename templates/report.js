"use strict";
(() => {
  const all = () => Array.from(document.querySelectorAll("details"));

  // A link to a finding opens it, whatever is folded around it.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let node = target; node; node = node.parentElement) {
      if (node instanceof HTMLDetailsElement) node.open = true;
    }
    if (target) target.scrollIntoView();
  };

  // Paper cannot be unfolded.
  let folded = [];
  const unfold = () => {
    folded = all().filter((details) => !details.open);
    for (const details of folded) details.open = true;
  };
  const fold = () => {
    for (const details of folded) details.open = false;
  };

  const button = (label, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = label;
    made.addEventListener("click", () => act(made));
    return made;
  };

  const copy = async (made, text) => {
    try {
      await navigator.clipboard.writeText(text);
      made.textContent = "Copied";
    } catch {
      made.textContent = "Select it and press Ctrl+C";
    }
  };

  for (const command of document.querySelectorAll(".command")) {
    const text = command.textContent.trim();
    command.append(button("Copy", (made) => copy(made, text)));
  }

  const findings = document.querySelectorAll("details.finding");
  if (findings.length) {
    const toggle = button("Open all findings", (made) => {
      const open = made.textContent === "Open all findings";
      for (const finding of findings) finding.open = open;
      made.textContent = open ? "Fold all findings" : "Open all findings";
    });
    document.getElementById("findings").after(toggle);
  }

  addEventListener("hashchange", reveal);
  addEventListener("beforeprint", unfold);
  addEventListener("afterprint", fold);
  if (location.hash) reveal();
})();
