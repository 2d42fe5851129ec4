// What an app's page might look like another day. Run before the page's own scripts; changes are made as soon as
// something stands in the page, before it is painted, and counted in the session so that it is known that they were met.
(() => {
  if (window !== window.top) return;
  const asked = @ASKED@;
  const met = () => {
    try { sessionStorage.setItem('drift', Number(sessionStorage.getItem('drift') || 0) + 1); } catch { /* no storage */ }
  };
  const once = (element) => {
    if (element.dataset.drifted) return false;
    element.dataset.drifted = '1';
    met();
    return true;
  };

  const rename = () => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const name = asked.labels[node.data.trim()];
      if (name && !['SCRIPT', 'STYLE', 'TEXTAREA', 'OPTION'].includes(node.parentElement.tagName)) {
        node.data = node.data.replace(node.data.trim(), name);
        met();
      }
    }
    for (const attribute of ['aria-label', 'title', 'placeholder', 'alt', 'value']) {
      for (const element of document.querySelectorAll(`[${attribute}]`)) {
        if (attribute === 'value' && !['submit', 'button'].includes(element.type)) continue;
        const name = asked.labels[element.getAttribute(attribute).trim()];
        if (name) { element.setAttribute(attribute, name); met(); }
      }
    }
  };

  const CONTROLS = 'form button, form input:not([type=hidden]), form select, form textarea, .tc-btn-invisible';
  const move = () => {
    if (asked.strength === 'wrapped') {
      for (const element of document.querySelectorAll(CONTROLS)) {
        if (element.closest('[data-drifted]') || !element.parentElement) continue;
        const [section, inner] = [document.createElement('section'), document.createElement('div')];
        element.replaceWith(section);
        section.append(inner);
        inner.append(element);
        once(section);
      }
    } else if (asked.strength === 'reordered') {
      for (const form of document.querySelectorAll('form fieldset, form, .tc-titlebar, .ostinato-bar')) {
        const rows = [...form.children].filter((child) => child.querySelector?.('input:not([type=hidden]), select, textarea, button, a')
          && !child.matches('script, style, input[type=hidden]') && !child.querySelector('[type=submit]'));
        if (rows.length < 2 || !once(form)) continue;
        const mark = document.createComment('');
        rows[0].before(mark);
        for (const row of rows.reverse()) mark.before(row);
      }
    } else {
      for (const form of document.querySelectorAll('form')) {
        const send = form.querySelector('button[type=submit], input[type=submit], button:not([type])');
        const row = form.closest('tr');
        if (!send || !once(form)) continue;
        if (row && !row.contains(document.activeElement)) row.cells[0].prepend(form);
        else form.prepend(send);
      }
      for (const bar of document.querySelectorAll('.ostinato-bar')) if (once(bar)) document.body.append(bar);
    }
  };

  const reorder = () => {
    for (const list of document.querySelectorAll('tbody, #basket_formset, .basket-items-container')) {
      const rows = [...list.children].filter((child) => child.matches('tr, .basket-items'));
      if (rows.length < 2 || !once(list)) continue;
      const order = asked.strength === 'reversed' ? rows.slice().reverse()
        : asked.strength === 'swapped' ? [rows[1], rows[0], ...rows.slice(2)] : [...rows.slice(1), rows[0]];
      const mark = document.createComment('');
      rows[0].before(mark);
      for (const row of order) mark.before(row);
    }
  };

  const popUp = () => {
    if (sessionStorage.getItem('closed') || document.getElementById('news')) return;
    const box = document.createElement('div');
    box.id = 'news';
    box.setAttribute('role', 'dialog');
    box.setAttribute('aria-label', 'Our newsletter');
    const height = { banner: '90px', half: '45vh', modal: '100vh' }[asked.strength];
    box.style.cssText = `position:fixed;left:0;right:0;bottom:0;height:${height};z-index:99999;background:#fff;` +
      'border-top:1px solid #888;padding:12px;color:#000';
    box.innerHTML = '<p>Get our newsletter with tips and offers.</p><button type="button" id="news-close">' +
      `${{ banner: 'Close', half: 'No thanks', modal: 'Not now' }[asked.strength]}</button>`;
    document.body.append(box);
    box.querySelector('button').addEventListener('click', () => { sessionStorage.setItem('closed', '1'); box.remove(); });
    met();
  };

  const askMore = () => {
    for (const form of document.querySelectorAll('form')) {
      const send = form.querySelector('button[type=submit], input[type=submit], button:not([type])');
      if (form.method !== 'post' || !send || send.closest('form') !== form || !once(form)) continue;
      const label = document.createElement('label');
      const field = {
        text: '<input type="text" name="x_centre" required>',
        choice: '<select name="x_centre" required><option value=""></option><option>North</option><option>South</option></select>',
        tick: '<input type="checkbox" name="x_centre" required>',
      }[asked.strength];
      label.innerHTML = `Cost centre * ${field}`;
      send.before(label);
    }
  };

  const slow = () => {
    const seconds = parseInt(asked.strength, 10);
    const style = document.createElement('style');
    style.textContent = 'body { visibility: hidden !important } body * { visibility: inherit }';
    document.documentElement.append(style);
    met();
    setTimeout(() => style.remove(), 1000 * seconds);
  };

  const change = { renamed: rename, moved: move, list_reordered: reorder, popup: popUp, new_field: askMore }[asked.fault];
  if (asked.fault === 'slow') {
    document.documentElement ? slow() : new MutationObserver((_, self) => {
      if (document.documentElement) { self.disconnect(); slow(); }
    }).observe(document, { childList: true });
    return;
  }
  const what = {
    childList: true, subtree: true, characterData: true, attributes: true,
    attributeFilter: ['aria-label', 'title', 'placeholder', 'value'],
  };
  const observer = new MutationObserver(() => apply());
  const apply = () => {
    if (!document.body) return;
    observer.disconnect();
    try { change(); } finally { observer.observe(document, what); }
  };
  observer.observe(document, what);
  document.addEventListener('DOMContentLoaded', apply);
})()
