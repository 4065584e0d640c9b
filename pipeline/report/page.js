'use strict';
(function () {
  const stage = document.querySelector('.stage');
  if (!stage) return;
  const section = stage.closest('section');
  const [base, follow] = stage.querySelectorAll('.view');
  const aligned = stage.classList.contains('aligned');
  let zoom = 1, x = 0, y = 0, timer = 0;

  section.classList.add('live');
  stage.tabIndex = 0;

  // What was found lies on the baseline; where the follow-up is aligned it lies there just as well.
  if (aligned)
    for (const layer of base.querySelectorAll('.layer')) {
      const copy = layer.cloneNode();
      copy.alt = '';
      follow.append(copy);
    }
  for (const box of section.querySelectorAll('[data-layer]'))
    box.addEventListener('change', () => {
      for (const layer of stage.querySelectorAll('.layer.' + box.dataset.layer))
        layer.classList.toggle('on', box.checked);
    });

  // Slider, side by side, blink.
  function show(mode) {
    clearInterval(timer);
    stage.classList.remove('slider', 'blink', 'beside', 'off');
    stage.classList.add(mode);
    section.classList.toggle('can-sweep', mode === 'slider');
    if (mode === 'blink') timer = setInterval(() => stage.classList.toggle('off'), 700);
  }
  for (const choice of section.querySelectorAll('[name=mode]'))
    choice.addEventListener('change', () => show(choice.value));
  if (aligned) {
    const range = section.querySelector('[type=range]');
    range.addEventListener('input', () => stage.style.setProperty('--at', range.value + '%'));
    show('slider');
  }

  // Zoom and pan, of all photos alike: x and y in percent of a photo's size.
  function place() {
    const least = 100 * (1 - zoom);
    x = Math.min(0, Math.max(least, x));
    y = Math.min(0, Math.max(least, y));
    stage.style.setProperty('--z', zoom);
    stage.style.setProperty('--x', x);
    stage.style.setProperty('--y', y);
    stage.classList.toggle('zoomed', zoom > 1);
  }
  function magnify(factor, px = 50, py = 50) {
    const to = Math.min(12, Math.max(1, zoom * factor));
    x = px - (px - x) * to / zoom;
    y = py - (py - y) * to / zoom;
    zoom = to;
    place();
  }
  function percentIn(event) {
    const box = event.target.closest('.pane').getBoundingClientRect();
    return [100 * (event.clientX - box.left) / box.width, 100 * (event.clientY - box.top) / box.height];
  }
  const moves = { '+': () => magnify(1.5), '=': () => magnify(1.5), '-': () => magnify(1 / 1.5), '0': () => magnify(0),
    ArrowLeft: () => { x += 10; place(); }, ArrowRight: () => { x -= 10; place(); },
    ArrowUp: () => { y += 10; place(); }, ArrowDown: () => { y -= 10; place(); } };
  stage.addEventListener('keydown', (event) => {
    if (!moves[event.key] || event.ctrlKey || event.metaKey) return;
    moves[event.key]();
    event.preventDefault();
  });
  for (const button of section.querySelectorAll('[data-move]'))
    button.addEventListener('click', () => moves[button.dataset.move]());
  stage.addEventListener('wheel', (event) => {
    if (!event.ctrlKey || !event.target.closest('.pane')) return;
    magnify(event.deltaY < 0 ? 1.2 : 1 / 1.2, ...percentIn(event));
    event.preventDefault();
  }, { passive: false });
  stage.addEventListener('dblclick', (event) => {
    if (event.target.closest('.pane')) magnify(2, ...percentIn(event));
  });
  stage.addEventListener('pointerdown', (event) => {
    if (zoom > 1) stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener('pointermove', (event) => {
    if (!stage.hasPointerCapture(event.pointerId)) return;
    const box = base.parentNode.getBoundingClientRect();
    x += 100 * event.movementX / box.width;
    y += 100 * event.movementY / box.height;
    place();
  });
  stage.addEventListener('dragstart', (event) => event.preventDefault());
})();
