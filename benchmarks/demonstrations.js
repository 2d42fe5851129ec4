// Puts the page of a recorded moment into a live page of MiniWoB++: what stood in its area, and what lay over it. The
// nodes are kept by their recorded numbers, so that the one that was touched is found again.
((told) => {
  const refs = (window.__recorded = {});
  // What a recording leaves out (roles, labels, addresses) is as the live page writes it on things of the same id or class.
  const KEPT = /^(role|aria-.*|href|title|placeholder|tabindex|name|for|alt)$/;
  const kind = (element) => {
    const classes = [...element.classList].filter((c) => !/^ui-(state|corner)-|-(collapsed|active)$/.test(c)).sort();
    return `${element.tagName}.${classes.join('.')}`;
  };
  const live = (window.__live ??= (() => {
    const known = {};
    for (const element of document.querySelectorAll('#wrap *, body > div *, body > div')) {
      const kept = [...element.attributes].filter((a) => KEPT.test(a.name)).map((a) => [a.name, a.value]);
      for (const key of [element.id && `#${element.id}`, kind(element), element.tagName]) {
        if (key && kept.length && !(key in known)) known[key] = kept;
      }
    }
    return known;
  })());
  const finish = (made) => {
    if (!made.tagName) return;
    const kept = live[`#${made.id}`] ?? live[kind(made)] ?? (made.classList.length ? undefined : live[made.tagName]) ?? [];
    for (const [name, value] of kept) if (!/^(name|for|aria-(controls|labelledby|describedby))$/.test(name)) {
      if (!made.hasAttribute(name)) made.setAttribute(name, value);
    }
  };
  const SVG = ['svg', 'circle', 'rect', 'polygon', 'text', 'path', 'g', 'line', 'ellipse', 'tspan'];
  const build = (node) => {
    if (node.tag === 't') {
      const text = document.createTextNode(node.text ?? '');
      refs[node.ref] = text;
      return text;
    }
    const [name, type] = node.tag.split('_');
    const small = name.toLowerCase();
    const made = SVG.includes(small) ? document.createElementNS('http://www.w3.org/2000/svg', small)
      : document.createElement(small);
    if (type) made.type = type;
    if (node.id) made.id = node.id;
    if (typeof node.classes === 'string' && node.classes) made.setAttribute('class', node.classes);
    for (const child of node.children ?? []) made.append(build(child));
    if (!(node.children ?? []).length && node.text && small !== 'input' && small !== 'textarea') made.append(node.text);
    if (small === 'input' && (type === 'checkbox' || type === 'radio')) made.checked = node.value === true;
    else if ((small === 'input' || small === 'textarea') && node.value != null) made.value = String(node.value);
    finish(made);
    refs[node.ref] = made;
    return made;
  };
  const find = (node, id) => node.id === id ? node : (node.children ?? []).map((c) => find(c, id)).find(Boolean);
  const area = document.getElementById('area');
  const recorded = find(told.dom, 'area');
  if (!area || !recorded) return 'the page has no area';
  for (const old of document.querySelectorAll('.ui-dialog, #ui-datepicker-div, .ui-autocomplete, [data-recorded]')) {
    if (!area.contains(old)) old.remove();
  }
  area.replaceChildren(...(recorded.children ?? []).map(build));
  refs[recorded.ref] = area;
  if (!(recorded.children ?? []).length && recorded.text) area.append(recorded.text);
  const over = (node) => {
    for (const child of node.children ?? []) {
      if (child.id === 'area' || child.id === 'query' || child.tag === 't') continue;
      if (find(child, 'area')) { over(child); continue; }
      const made = build(child);
      made.style.cssText = `display:block;position:absolute;left:${child.left}px;top:${child.top}px;width:${child.width}px`;
      made.dataset.recorded = '1';
      document.body.append(made);
    }
  };
  over(told.dom);
  const query = document.getElementById('query');
  if (query) query.textContent = told.words;
  const focused = (node) => node.focused ? node : (node.children ?? []).map(focused).find(Boolean);
  const at = focused(told.dom);
  document.activeElement?.blur();
  if (at && refs[at.ref]?.focus) refs[at.ref].focus();
  if (core.cover_div) core.cover_div.style.display = told.over ? 'block' : 'none';
  if (told.ref == null) return null;
  const target = refs[told.ref];
  if (!target) return 'what was touched is not there';
  const thing = target.nodeType === Node.TEXT_NODE ? target.parentElement : target;
  for (const one of [thing, ...document.querySelectorAll(thing.tagName)]) {  // what listens to touches is seen to do so
    if (one === thing || (thing.classList.length && kind(one) === kind(thing))) one.addEventListener('click', () => {});
  }
  (target.scrollIntoView ? target : target.parentElement).scrollIntoView({ block: 'nearest' });
  const range = document.createRange();
  if (target.nodeType === Node.TEXT_NODE) range.selectNodeContents(target);
  const box = (target.nodeType === Node.TEXT_NODE ? range : target).getBoundingClientRect();
  return [box.left, box.top, box.width, box.height, window.innerWidth];
})(@TOLD@)
