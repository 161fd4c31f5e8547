/*
 * LeadRelay on a web page: forms and events, sent to a source of vendor webform in browser mode. No dependencies, no
 * cookies; nothing leaves the page before its visitor sends it. How to use it: docs/website.md.
 *
 *   <script defer src="/leadrelay.js" data-endpoint="https://api.example.com/in/landing"></script>
 *   <form data-leadrelay-form="demo"> … </form>
 *
 * A page must never break because of us: every way in is guarded, and what goes wrong stays inside.
 */
(() => {
  'use strict';

  const script = document.currentScript || document.querySelector('script[data-endpoint][src*="leadrelay"]');
  const options = script ? script.dataset : {};
  const endpoint = options.endpoint || '';
  const honeypot = options.honeypot || 'company_fax';
  const PARAMETERS = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_id', 'utm_content', 'utm_term',
    'gclid', 'gbraid', 'wbraid', 'fbclid', 'msclkid', 'ttclid', 'li_fat_id', 'partner', 'partner_id', 'utm_partner'];
  const VISITOR = 'leadrelay.visitor';
  const UNSENT = 'leadrelay.unsent.';
  const KEPT_MS = 3 * 24 * 3600 * 1000; // what could not be sent for so long is given up
  const PAUSES_MS = [2000, 10000, 60000, 300000];
  const MOST = 20; // unsent at once, and held back until consent
  const KEEPALIVE_BYTES = 60000; // browsers refuse more in a request that outlives its page
  const KEEPALIVE = typeof Request === 'function' && 'keepalive' in Request.prototype;

  const guarded = (work) => (...given) => {
    try {
      return work(...given);
    } catch (_) {
      return undefined;
    }
  };

  // ---- what is kept in this browser; in memory only where there is no storage

  const memory = new Map();
  const disk = guarded(() => {
    window.localStorage.setItem('leadrelay.try', '1');
    window.localStorage.removeItem('leadrelay.try');
    return window.localStorage;
  })();
  const kept = (durable) => (disk && durable ? {
    names: () => Object.keys(disk),
    read: guarded((name) => JSON.parse(disk.getItem(name))),
    write: guarded((name, value) => disk.setItem(name, JSON.stringify(value))),
    remove: guarded((name) => disk.removeItem(name)),
  } : {
    names: () => [...memory.keys()],
    read: (name) => memory.get(name),
    write: (name, value) => memory.set(name, value),
    remove: (name) => memory.delete(name),
  });
  const visitors = kept(true);
  const unsent = kept(options.queue !== 'off');

  const newId = () => {
    if (window.crypto && crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  };

  // ---- who is visiting, as far as they allow it, and where they came from

  let allowed = options.consent === 'granted' && !navigator.globalPrivacyControl;
  let person = {};

  const arrival = () => {
    const query = new URLSearchParams(window.location.search);
    const found = {};
    PARAMETERS.forEach((name) => {
      if (query.get(name)) found[name] = query.get(name).slice(0, 256);
    });
    const from = guarded(() => new URL(document.referrer))();
    if (from && from.hostname !== window.location.hostname) found.referrer = `${from.origin}/`;
    return found;
  };

  const remember = () => {
    const visitor = visitors.read(VISITOR) || { id: newId() };
    const found = arrival();
    if (Object.keys(found).length) {
      visitor.first = visitor.first || found;
      visitor.last = found;
    }
    visitors.write(VISITOR, visitor);
  };

  const visit = () => {
    const page = window.location.origin + window.location.pathname;
    const visitor = allowed ? visitors.read(VISITOR) || {} : {};
    const which = options.attribution === 'last' ? visitor.last : visitor.first;
    const about = { page, ...(which || arrival()) };
    if (visitor.id) about.anonymous_id = visitor.id;
    return about;
  };

  // ---- sending: kept first, removed when it arrived; a repeat is known by its id

  const settle = (name, outcome) => {
    if (outcome !== 'unsent') unsent.remove(name);
    return outcome;
  };

  const post = (name, item) => {
    const request = {
      method: 'POST',
      body: item.body,
      headers: { 'Content-Type': 'text/plain;charset=UTF-8' }, // JSON that needs no question beforehand
      credentials: 'omit',
      keepalive: KEEPALIVE && item.body.length < KEEPALIVE_BYTES,
    };
    return fetch(item.endpoint, request).then((answer) => {
      const final = answer.status >= 400 && answer.status < 500 && ![408, 429].includes(answer.status);
      return settle(name, answer.ok ? 'sent' : (final ? 'refused' : 'unsent'));
    }).catch(() => 'unsent');
  };

  const waiting = () => unsent.names().filter((name) => name.startsWith(UNSENT))
    .map((name) => [name, unsent.read(name)])
    .filter(([name, item]) => {
      const good = item && item.endpoint === endpoint && Date.now() - item.at < KEPT_MS;
      if (!good && item && item.endpoint === endpoint) unsent.remove(name);
      return good;
    })
    .sort((one, other) => one[1].at - other[1].at);

  const again = guarded((round) => {
    const items = waiting();
    if (!items.length) return;
    Promise.all(items.map(([name, item]) => post(name, item))).then((outcomes) => {
      if (outcomes.includes('unsent') && round < PAUSES_MS.length) later(round);
    });
  });
  let timer = 0;
  const later = (round) => {
    clearTimeout(timer);
    timer = setTimeout(() => again(round + 1), PAUSES_MS[round]);
  };

  const send = (id, said) => {
    if (!endpoint) return Promise.resolve('refused');
    const name = UNSENT + id;
    const item = { endpoint, at: Date.now(), body: JSON.stringify(said) };
    waiting().slice(0, -MOST).forEach(([oldest]) => unsent.remove(oldest));
    unsent.write(name, item);
    return post(name, item).then((outcome) => {
      if (outcome === 'unsent') later(0);
      return outcome;
    });
  };

  // ---- forms

  const PRIVATE = ['password', 'file', 'submit', 'button', 'image', 'reset'];
  const hasToStay = (field) => PRIVATE.includes(field.type) || 'leadrelayIgnore' in field.dataset
    || /(^|\s)cc-/.test(field.autocomplete || '');

  const answers = (form) => {
    const skipped = new Set([honeypot, 'form_token', 'submission_id']);
    Array.from(form.elements).filter(hasToStay).forEach((field) => skipped.add(field.name));
    const fields = Object.create(null);
    new FormData(form).forEach((value, name) => {
      if (typeof value !== 'string' || skipped.has(name) || !name) return;
      fields[name] = name in fields ? [].concat(fields[name], value) : value;
    });
    return fields;
  };

  const own = (form, name) => form.getAttribute(`data-leadrelay-${name}`); // a field may be called "dataset"

  const trapped = (form) => {
    if (form.elements.namedItem(honeypot)) return;
    const trap = document.createElement('input');
    Object.assign(trap, { type: 'text', name: honeypot, tabIndex: -1, autocomplete: 'off' });
    const place = document.createElement('div');
    place.setAttribute('aria-hidden', 'true');
    // Set one by one: a strict Content-Security-Policy forbids a style attribute.
    Object.assign(place.style, { position: 'absolute', left: '-10000px', width: '1px', height: '1px', overflow: 'hidden' });
    place.appendChild(trap);
    form.appendChild(place);
  };

  // A signed time, for pages that no server renders: asked for when somebody first moves, not by whoever never does.
  const tokens = new WeakMap();
  const asksForToken = 'token' in options;
  const fetchToken = (form) => {
    if (!asksForToken || tokens.has(form) || form.elements.namedItem('form_token')) return;
    tokens.set(form, '');
    fetch(`${endpoint}?form=${encodeURIComponent(own(form, 'form') || '')}`, { credentials: 'omit' })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer)))
      .then((told) => tokens.set(form, told.form_token))
      .catch(() => tokens.delete(form));
  };

  const ids = new WeakMap(); // one id until it arrived: a second click is no second request, a corrected answer is

  const requested = (form) => {
    const said = JSON.stringify(answers(form));
    const last = ids.get(form);
    if (last && last.said === said) return last.id;
    if (last) unsent.remove(UNSENT + last.id); // what was corrected before it left is not sent any more
    ids.set(form, { id: newId(), said });
    return ids.get(form).id;
  };

  const submission = (form, id) => {
    const value = (name) => {
      const field = form.elements.namedItem(name);
      return field && typeof field.value === 'string' ? field.value : '';
    };
    const said = { form: own(form, 'form') || undefined, submission_id: id, ...visit() };
    const token = value('form_token') || tokens.get(form);
    if (token) said.form_token = token;
    said[honeypot] = value(honeypot);
    said.fields = answers(form);
    return said;
  };

  const tell = (target, name, detail) => target.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));

  const show = (form, which) => form.querySelectorAll('[data-leadrelay-sent], [data-leadrelay-failed]').forEach((part) => {
    part.hidden = !(which in part.dataset);
  });

  const thank = (form) => {
    const thanks = own(form, 'thanks');
    const address = thanks ? new URL(thanks, window.location.href) : null;
    if (address && /^https?:$/.test(address.protocol)) window.location.assign(address.href);
    else show(form, 'leadrelaySent');
  };

  const submit = (form) => {
    const id = requested(form);
    return send(id, submission(form, id)).then((outcome) => {
      if (outcome === 'sent' && (ids.get(form) || {}).id === id) ids.delete(form);
      tell(form, `leadrelay:${outcome}`, { submission_id: id });
      return outcome;
    });
  };

  const isOurs = (form) => form instanceof HTMLFormElement && form.hasAttribute('data-leadrelay-form');
  const staysHere = (form) => {
    const action = form.getAttribute('action');
    return !action || new URL(action, window.location.href).href === endpoint;
  };

  const onSubmit = (event) => {
    const form = event.target;
    if (!isOurs(form) || event.defaultPrevented) return;
    if (!staysHere(form)) {
      submit(form).catch(() => {});
      return;
    }
    event.preventDefault();
    submit(form)
      .then((outcome) => (outcome === 'sent' ? thank(form) : show(form, 'leadrelayFailed')))
      .catch(() => {});
  };

  // ---- events: only of who allowed it

  let held = [];
  const sendEvent = (said) => send(said.event_id, { ...said, ...visit() }).catch(() => {});

  const event = (name, properties, fields) => {
    const said = { event: String(name), event_id: newId(), occurred_at: new Date().toISOString() };
    if (properties) said.properties = properties;
    said.fields = { ...person, ...fields };
    if (allowed) sendEvent(said);
    else if (held.length < MOST) held.push(said);
  };

  const propertiesOf = (part) => {
    const found = {};
    Array.from(part.attributes).forEach(({ name, value }) => {
      if (name.startsWith('data-leadrelay-property-')) found[name.slice(24).replace(/-/g, '_')] = value;
    });
    return found;
  };

  const isMedia = (part) => part instanceof HTMLMediaElement;
  const onClick = ({ target }) => {
    const part = target instanceof Element ? target.closest('[data-leadrelay-event]') : null;
    if (part && !isMedia(part)) event(part.dataset.leadrelayEvent, propertiesOf(part));
  };
  const played = new WeakSet();
  const onPlay = ({ target }) => {
    if (!isMedia(target) || !target.dataset.leadrelayEvent || played.has(target)) return;
    played.add(target);
    event(target.dataset.leadrelayEvent, propertiesOf(target));
  };

  const consent = (given) => {
    allowed = given === true;
    const late = held;
    held = [];
    if (!allowed) {
      person = {};
      visitors.remove(VISITOR);
      return;
    }
    remember();
    late.forEach(sendEvent);
  };

  // ---- begin

  const onReady = () => {
    if (allowed) remember();
    Array.from(document.forms).filter(isOurs).forEach(trapped);
    document.querySelectorAll('[data-leadrelay-view]').forEach((part) => {
      event(part.dataset.leadrelayView, propertiesOf(part));
    });
    again(0);
  };

  const onLeaving = () => {
    if (KEEPALIVE || !navigator.sendBeacon) return;
    waiting().forEach(([, item]) => {
      navigator.sendBeacon(item.endpoint, new Blob([item.body], { type: 'text/plain;charset=UTF-8' }));
    });
  };

  const begin = () => {
    document.addEventListener('submit', guarded(onSubmit));
    document.addEventListener('click', guarded(onClick));
    document.addEventListener('play', guarded(onPlay), true);
    document.addEventListener('focusin', guarded(({ target }) => {
      if (!(target instanceof Element) || !isOurs(target.form)) return;
      trapped(target.form);
      fetchToken(target.form);
    }));
    ['pointermove', 'touchstart', 'keydown', 'scroll'].forEach((sign) => {
      const moved = guarded(() => Array.from(document.forms).filter(isOurs).forEach(fetchToken));
      document.addEventListener(sign, moved, { once: true, passive: true });
    });
    window.addEventListener('pagehide', guarded(onLeaving));
    window.addEventListener('online', () => again(0));
    if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', guarded(onReady));
    else guarded(onReady)();
  };

  const asked = Array.isArray(window.leadrelay) ? window.leadrelay : [];
  const ways = {
    consent: guarded(consent),
    event: guarded(event),
    identify: guarded((fields) => { person = { ...fields }; }),
    submit: guarded((form) => submit(form).catch(() => 'unsent')),
  };
  window.leadrelay = Object.freeze(ways);
  guarded(begin)();
  asked.forEach(guarded(([way, ...given]) => ways[way](...given)));
})();
