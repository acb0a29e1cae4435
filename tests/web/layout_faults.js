// Faults of the layout, as lines of text:
//   document      it can be scrolled sideways
//   wide          an element is wider than the window, and nothing around it scrolls
//   clipped       text is cut off, with neither an ellipsis nor a title that tells it
//   overlap       two elements that can be operated lie over one another
//   layout shift  things moved by themselves after they were first drawn
async () => {
  const SLACK_PX = 1; // browsers round
  const MOST_SHIFT = 0.02;
  const OPERATED =
    "a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex='-1']), " +
    ["button", "checkbox", "link", "menuitem", "option", "radio", "slider", "switch", "tab"]
      .map((role) => `[role=${role}]`)
      .join(", ");

  const faults = [];
  const style = (element) => getComputedStyle(element);
  const isSeen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const name = (element) => {
    const text = (element.getAttribute("aria-label") ?? element.textContent ?? "").trim().replace(/\s+/g, " ");
    const id = element.id === "" ? "" : `#${element.id}`;
    return `${element.localName}${id}${[...element.classList].map((one) => `.${one}`).join("")} "${text.slice(0, 40)}"`;
  };
  const ancestors = function* (element) {
    for (let up = element; up !== null && up !== document.body; up = up.parentElement) yield up;
  };
  const cuts = (value) => value === "hidden" || value === "clip";
  const scrolls = (value) => value === "auto" || value === "scroll";
  // what is there for screen readers alone is made a pixel large
  const isForReaders = (element) =>
    [...ancestors(element)].some((up) => up.clientWidth <= 1 && up.clientHeight <= 1 && cuts(style(up).overflowX));

  // document, wide
  const { clientWidth, scrollWidth } = document.documentElement;
  if (scrollWidth > clientWidth + SLACK_PX) faults.push(`document: ${scrollWidth} px wide in ${clientWidth} px`);
  const wide = new Set();
  for (const element of document.body.querySelectorAll("*")) {
    const { width } = element.getBoundingClientRect();
    const around = [...ancestors(element.parentElement)];
    if (width <= clientWidth + SLACK_PX || !isSeen(element)) continue;
    if (around.some((up) => wide.has(up) || scrolls(style(up).overflowX) || cuts(style(up).overflowX))) continue;
    wide.add(element);
    faults.push(`wide: ${name(element)} is ${Math.round(width)} px wide in ${clientWidth} px`);
  }

  // clipped
  const isTold = (element) =>
    [...ancestors(element)].some((up) => {
      const { textOverflow, webkitLineClamp } = style(up);
      return up.hasAttribute("title") || textOverflow === "ellipsis" || webkitLineClamp !== "none";
    });
  const clipped = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode() !== null) {
    const element = texts.currentNode.parentElement;
    if (texts.currentNode.data.trim() === "" || !isSeen(element) || clipped.has(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    const text = range.getBoundingClientRect();
    for (const up of ancestors(element)) {
      const { overflowX, overflowY } = style(up);
      if (scrolls(overflowX) || scrolls(overflowY)) break;
      const box = up.getBoundingClientRect();
      const [cutX, cutY] = [cuts(overflowX), cuts(overflowY)];
      const sideways = cutX && (text.right > box.right + SLACK_PX || text.left < box.left - SLACK_PX);
      const down = cutY && (text.bottom > box.bottom + SLACK_PX || text.top < box.top - SLACK_PX);
      if ((sideways || down) && !isTold(element) && !isForReaders(element)) {
        clipped.add(element);
        faults.push(`clipped: ${name(element)}`);
        break;
      }
    }
  }

  // overlap; where a dialog is open, what lies below it cannot be operated
  const scope = [...document.querySelectorAll("dialog:modal, [aria-modal=true], :popover-open")].at(-1) ?? document.body;
  const visibleBox = (element) => {
    let { left, top, right, bottom } = element.getBoundingClientRect();
    for (const up of ancestors(element.parentElement)) {
      if (style(up).overflowX === "visible") continue;
      const box = up.getBoundingClientRect();
      left = Math.max(left, box.left);
      top = Math.max(top, box.top);
      right = Math.min(right, box.right);
      bottom = Math.min(bottom, box.bottom);
    }
    return { element, left, top, right, bottom };
  };
  const operated = [...scope.querySelectorAll(OPERATED)]
    .filter((element) => isSeen(element) && style(element).pointerEvents !== "none" && !element.closest("[inert]"))
    .map(visibleBox)
    .filter((box) => box.right - box.left > SLACK_PX && box.bottom - box.top > SLACK_PX)
    .sort((a, b) => a.top - b.top);
  for (let first = 0; first < operated.length; first++) {
    const a = operated[first];
    for (let second = first + 1; second < operated.length; second++) {
      const b = operated[second];
      if (b.top >= a.bottom - SLACK_PX) break;
      const isApart = b.left >= a.right - SLACK_PX || a.left >= b.right - SLACK_PX;
      if (isApart || a.element.contains(b.element) || b.element.contains(a.element)) continue;
      faults.push(`overlap: ${name(a.element)} and ${name(b.element)}`);
    }
  }

  // layout shift
  const shift = await new Promise((tell) => {
    let sum = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) sum += entry.hadRecentInput ? 0 : entry.value;
    }).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => tell(sum), 100); // entries of the past come with a task of their own
  });
  if (shift > MOST_SHIFT) faults.push(`layout shift: ${shift.toFixed(2)}`);
  return faults;
}
