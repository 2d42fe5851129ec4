"""Our own functions that run in a page, in a world its scripts do not see (only PERMISSIONS meets them)."""

ASKED = "ostinato permission asked: "
# A page that asks for a permission is told no, at once, and the phone hears of it.
PERMISSIONS = """(() => {
  const say = console.debug.bind(console), told = what => say('@ASKED@' + what);
  const no = () => new DOMException('Permission denied', 'NotAllowedError');
  const denied = {code: 1, message: 'User denied the request', PERMISSION_DENIED: 1, POSITION_UNAVAILABLE: 2,
    TIMEOUT: 3};
  const put = (thing, name, f) => { if (thing && thing[name]) try {
    Object.defineProperty(thing, name, {value: f, configurable: true, writable: true}) } catch {} };
  const locate = (yes, no) => { told('geolocation'); if (no) setTimeout(() => no(denied)); return 0 };
  put(navigator.geolocation, 'getCurrentPosition', locate);
  put(navigator.geolocation, 'watchPosition', locate);
  put(window.Notification, 'requestPermission', callback => {
    told('notifications'); if (callback) callback('denied'); return Promise.resolve('denied') });
  put(navigator.mediaDevices, 'getUserMedia', wanted => {
    told([wanted && wanted.video && 'camera', wanted && wanted.audio && 'microphone'].filter(Boolean).join(' and '));
    return Promise.reject(no()) });
  put(navigator.clipboard, 'readText', () => { told('clipboard'); return Promise.reject(no()) });
})()""".replace("@ASKED@", ASKED)

# The same where somebody decides: the phone is asked, and what it allows goes the page's own way.
MAY = "ostinatoMay"
PERMISSIONS_ASKED = """(() => {
  const may = what => window.@MAY@(what);
  const no = () => new DOMException('Permission denied', 'NotAllowedError');
  const denied = {code: 1, message: 'User denied the request', PERMISSION_DENIED: 1, POSITION_UNAVAILABLE: 2,
    TIMEOUT: 3};
  const put = (thing, name, make) => { if (thing && thing[name]) try {
    const own = thing[name].bind(thing);
    Object.defineProperty(thing, name, {value: make(own), configurable: true, writable: true}) } catch {} };
  const locate = own => (yes, fail, more) => {
    may('geolocation').then(good => good ? own(yes, fail, more) : fail && fail(denied)); return 0 };
  put(navigator.geolocation, 'getCurrentPosition', locate);
  put(navigator.geolocation, 'watchPosition', locate);
  put(window.Notification, 'requestPermission', () => async callback => {
    const said = await may('notifications') ? 'granted' : 'denied'; if (callback) callback(said); return said });
  put(navigator.mediaDevices, 'getUserMedia', own => async wanted => {
    const what = [wanted && wanted.video && 'camera', wanted && wanted.audio && 'microphone'].filter(Boolean);
    if (await may(what.join(' and '))) return own(wanted); throw no() });
  put(navigator.clipboard, 'readText', own => async () => { if (await may('clipboard')) return own(); throw no() });
})()""".replace("@MAY@", MAY)

# Whether a touch that lands on `hit` acts on `this`: itself, something in it, its label, or for words what holds them.
# What a style draws before or after an element is no node of its own here: the element at the point stands for it.
TAKES = """function(hit, x, y) {
  if (!hit || !hit.nodeType) {
    for (let w = this.ownerDocument.defaultView; w.frameElement; w = w.parent) {
      const box = w.frameElement.getBoundingClientRect();
      x -= box.left + w.frameElement.clientLeft;
      y -= box.top + w.frameElement.clientTop;
    }
    hit = this.ownerDocument.elementFromPoint(x, y);
    while (hit && hit.shadowRoot && hit.shadowRoot.elementFromPoint(x, y) !== hit) {
      const inner = hit.shadowRoot.elementFromPoint(x, y);
      if (!inner) break;
      hit = inner;
    }
  }
  const up = n => n.assignedSlot || n.parentNode || n.host, control = /^(LABEL|A|BUTTON|SUMMARY)$/;
  for (let n = hit; n; n = up(n)) if (n === this) return true;
  for (let n = this; n; n = up(n)) if (n === hit) return this.nodeType === 3 || control.test(hit.nodeName);
  const label = (hit.nodeType === 1 ? hit : hit.parentElement)?.closest('label');
  return !!label && (label.control === this || label.contains(this));
}"""
DESCRIBE = """function() {
  const e = this.nodeType === 1 ? this : this.parentElement;
  if (!e) return this.nodeName;
  const words = (e.getAttribute('aria-label') || e.innerText || e.id || e.className?.toString() || '').trim();
  return e.nodeName.toLowerCase() + (words ? ' “' + words.slice(0, 40).replace(/\\s+/g, ' ') + '”' : '');
}"""
TO_THE_MIDDLE = """function() {
  const e = this.nodeType === 1 ? this : this.parentElement;
  e?.scrollIntoView({block: 'center', inline: 'nearest', behavior: 'instant'});
}"""
NATIVE_LIST = """function() {
  const e = this.nodeType === 1 ? this : this.parentElement;
  return !!e && !!e.closest('select');
}"""
FIELD = """function() {
  const e = this.nodeType === 1 ? this : this.parentElement, tag = e ? e.nodeName : '';
  const rich = !!e && e.isContentEditable, type = tag === 'INPUT' ? e.type : '';
  const press = /^(button|submit|reset|image|checkbox|radio|file|hidden)$/;
  const plain = tag === 'TEXTAREA' || (tag === 'INPUT' && !press.test(type));
  let active = e && e.getRootNode().activeElement;
  return {field: plain || rich, off: plain && (e.matches(':disabled')), fixed: plain && e.readOnly,
    native: /^(date|time|datetime-local|month|week|color|range)$/.test(type), type, rich,
    lines: tag === 'TEXTAREA' || (rich && e.closest('[aria-multiline]')?.ariaMultiLine !== 'false'),
    focused: !!active && (active === e || (rich && active.contains(e))) && e.ownerDocument.hasFocus()};
}"""
MARK_ALL = """function() {
  const e = this.nodeType === 1 ? this : this.parentElement;
  if (e.select && !e.isContentEditable) { e.select(); return !!e.value || (e.validity && e.validity.badInput) }
  const host = e.closest('[contenteditable]') || e, range = document.createRange();
  range.selectNodeContents(host);
  const selection = getSelection(); selection.removeAllRanges(); selection.addRange(range);
  return !!host.textContent;
}"""
# LISTEN, then HEARD: whether this field or another one of its document took text since, and where the focus is.
LISTEN = """function() {
  const host = (this.nodeType === 1 ? this : this.parentElement), field = host.closest('[contenteditable]') || host;
  field.ostinatoTook = '';
  field.ownerDocument.addEventListener('input', event => {
    const at = event.composedPath()[0];
    field.ostinatoTook = at === field || field.contains(at) ? 'this' : 'another';
  }, {once: true, capture: true});
}"""
HEARD = """function() {
  const host = (this.nodeType === 1 ? this : this.parentElement), field = host.closest('[contenteditable]') || host;
  const active = field.getRootNode().activeElement;
  return {took: field.ostinatoTook, focused: !!active && (active === field || active.contains(field))};
}"""
# What would stand in a field that a phone fills by a picker; the field itself is left alone.
WOULD_BE = """function(value) {
  const copy = this.ownerDocument.createElement('input');
  for (const name of ['type', 'min', 'max', 'step']) if (this.hasAttribute(name)) copy[name] = this[name];
  copy.value = value;
  return copy.value;
}"""
SET = """function(value) {
  const view = this.ownerDocument.defaultView;
  Object.getOwnPropertyDescriptor(view.HTMLInputElement.prototype, 'value').set.call(this, value);
  this.dispatchEvent(new view.Event('input', {bubbles: true, composed: true}));
  this.dispatchEvent(new view.Event('change', {bubbles: true}));
  return this.value;
}"""
CHOOSE = """function(wanted) {
  if (this.nodeName !== 'SELECT') return {problem: 'is no list to select from'};
  const tidy = s => s.replace(/\\s+/g, ' ').trim();
  const name = o => tidy(o.label || o.text);
  if (this.matches(':disabled')) return {problem: 'is disabled'};
  const all = [...this.options], at = all.findIndex(o => name(o) === tidy(wanted));
  if (at < 0) return {options: all.map(name)};
  if (all[at].matches(':disabled')) return {problem: 'has that option disabled'};
  this.focus();
  if (this.multiple) all[at].selected = !all[at].selected; else this.selectedIndex = at;
  const view = this.ownerDocument.defaultView;
  this.dispatchEvent(new view.Event('input', {bubbles: true, composed: true}));
  this.dispatchEvent(new view.Event('change', {bubbles: true}));
  return {};
}"""
SCROLL = """function(dx, dy) {
  const root = document.scrollingElement || document.documentElement;
  const moves = (e, x, y) => {
    const a = e.scrollLeft, b = e.scrollTop;
    e.scrollBy({left: x, top: y, behavior: 'instant'});
    return e.scrollLeft !== a || e.scrollTop !== b;
  };
  for (let e = this.nodeType === 1 ? this : this.parentElement; e; e = e.parentElement || e.getRootNode().host) {
    if (e === root || e === document.body) continue;
    const style = getComputedStyle(e);
    if (/auto|scroll/.test(style.overflowX + style.overflowY) && moves(e, dx, dy)) return true;
  }
  return moves(root, dx, dy);
}"""
