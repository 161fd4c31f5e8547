// What somebody with a screen reader, a keyboard or weak eyes would stumble over on this page, as a list of complaints.
(() => {
  const wrong = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const seen = (element) => element.getClientRects().length > 0;
  const say = (what, element) => wrong.push(`${what}: ${element.outerHTML.slice(0, 160)}`);
  const named = (element) => (element.getAttribute('aria-label') || element.textContent || '').trim() !== '';

  if (!document.documentElement.lang) wrong.push('no language');
  if (!document.title.trim()) wrong.push('no title');
  if (all('main').length !== 1 || all('h1').length !== 1) wrong.push('one main and one h1');

  let level = 0;
  for (const heading of all('h1, h2, h3, h4')) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) say(`heading after h${level}`, heading);
    if (!named(heading)) say('empty heading', heading);
    level = next;
  }

  all('input:not([type=hidden]), select, textarea').forEach((field) => {
    if (!field.labels.length || !field.labels[0].textContent.trim()) say('field without a label', field);
  });
  all('a[href], button, summary').forEach((element) => { if (!named(element)) say('nothing to read', element); });
  all('nav, [role=region]').forEach((element) => {
    const by = element.getAttribute('aria-labelledby');
    if (!element.getAttribute('aria-label') && !(by && document.getElementById(by))) say('unnamed landmark', element);
  });
  all('[aria-labelledby]').forEach((element) => {
    element.getAttribute('aria-labelledby').split(' ').forEach((id) => {
      if (!document.getElementById(id)) say(`named by #${id}, which is not there`, element);
    });
  });

  all('table').forEach((table) => {
    if (!table.caption || !table.caption.textContent.trim()) say('table without a caption', table);
    const heads = [...table.querySelectorAll('thead th')];
    if (!heads.length || heads.some((head) => head.scope !== 'col' || !head.textContent.trim())) say('column heads', table);
    for (const row of table.querySelectorAll('tbody tr')) {
      if (row.cells.length !== heads.length) say('cells and heads', row);
      if (row.cells[0].tagName !== 'TH' || row.cells[0].scope !== 'row') say('row head', row);
    }
  });

  all('svg').forEach((svg) => {
    if (svg.getAttribute('aria-hidden') === 'true') return;
    if (svg.getAttribute('role') !== 'img' || !svg.querySelector(':scope > title') || !svg.querySelector(':scope > desc')) {
      say('picture without words', svg);
    }
  });

  // Contrast after WCAG 2: of every text that is seen with what is painted behind it.
  const parse = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
  const light = ([red, green, blue]) => {
    const [r, g, b] = [red, green, blue].map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !seen(element) || element.closest('title, desc, .unseen, .skip, option')) continue;
    const style = getComputedStyle(element);
    const [one, other] = [light(parse(element.closest('svg') ? style.fill : style.color)), light(behind(element))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) say(`contrast ${contrast.toFixed(2)}`, element);
  }
  // Marks of charts, which need three to one.
  all('svg.chart [class^=s]').forEach((mark) => {
    const style = getComputedStyle(mark);
    const [one, other] = [light(parse(mark.tagName === 'line' ? style.stroke : style.fill)), light(behind(mark.closest('svg')))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (mark.tagName !== 'text' && contrast < 3) say(`contrast of a mark ${contrast.toFixed(2)}`, mark);
  });
  // Labels of charts that would be cut off at the left.
  all('svg.chart text').forEach((text) => {
    if (seen(text) && text.getBoundingClientRect().left < text.closest('.card').getBoundingClientRect().left) say('label outside', text);
  });
  return JSON.stringify([...new Set(wrong)]);
})()
