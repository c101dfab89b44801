"use strict";
(() => {
  const form = document.getElementById("filters");
  const cards = [...document.querySelectorAll(".card")].map((card) => ({
    card,
    verdict: card.dataset.verdict,
    findings: [...card.querySelectorAll(".finding")],
    text: null,
  }));
  const openAround = (target) => {
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  };
  const goTo = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    const card = target.closest(".card");
    if (card && card.hidden && form) {
      form.reset();
      apply();
    }
    openAround(target);
    target.scrollIntoView();
  };
  let apply = () => {};
  if (form) {
    const search = document.getElementById("search");
    const rule = document.getElementById("rule");
    const shown = document.getElementById("shown");
    const none = document.getElementById("none");
    const chosen = (name) => {
      const boxes = [...form.querySelectorAll(`input[name=${name}]`)];
      const checked = boxes.filter((box) => box.checked);
      return { all: checked.length === boxes.length, has: new Set(checked.map((box) => box.value)) };
    };
    apply = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const [verdicts, severities] = [chosen("verdict"), chosen("severity")];
      const rules = new Set(rule.value.split(" ").filter(Boolean));
      const narrowed = !severities.all || rules.size > 0;
      let visible = 0;
      for (const one of cards) {
        let left = 0;
        for (const finding of one.findings) {
          const fits = (severities.all || severities.has.has(finding.dataset.severity)) && (!rules.size || rules.has(finding.dataset.rule));
          finding.hidden = !fits;
          left += fits;
        }
        if (words.length && one.text === null) one.text = one.card.textContent.toLowerCase();
        const fits = verdicts.has.has(one.verdict) && (!narrowed || left > 0) && words.every((word) => one.text.includes(word));
        one.card.hidden = !fits;
        visible += fits;
      }
      shown.textContent = visible === cards.length ? `All ${cards.length} keys` : `${visible} of ${cards.length} keys`;
      none.hidden = visible > 0;
    };
    const reset = () => {
      form.reset();
      apply();
      search.focus();
    };
    const fold = (open) => {
      for (const one of cards) if (!one.card.hidden) one.card.open = open;
    };
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", apply);
    document.getElementById("everything").addEventListener("click", reset);
    document.getElementById("again").addEventListener("click", reset);
    document.getElementById("unfold").addEventListener("click", () => fold(true));
    document.getElementById("fold").addEventListener("click", () => fold(false));
    form.hidden = false;
    apply();
  }
  addEventListener("hashchange", goTo);
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.hash === location.hash) goTo();
  });
  // What fails is printed whole, also where it is folded.
  addEventListener("beforeprint", () => {
    for (const one of cards) if (!one.card.hidden && one.verdict !== "passes") one.card.open = true;
  });
  if (location.hash) goTo();
})();
