// The grid of facts: each row is a form that is saved, undone and replaced by itself.
(() => {
  const FETCHED = { 'X-Requested-With': 'XMLHttpRequest', Accept: 'text/html' };
  const grid = document.querySelector('[data-facts-grid]');
  if (!grid) return;
  const told = document.querySelector('[data-facts-status]');
  grid.classList.add('facts-grid--live');

  const rows = () => [...grid.querySelectorAll('form[data-row]')];
  const rowOf = (element) => element.closest('form[data-row]');
  const columnOf = (element) => element.closest('[data-column]')?.dataset.column;
  // Its buttons are called "action" and hide the property of that name.
  const addressOf = (row) => row.getAttribute('action');
  const say = (text) => {
    told.textContent = text;
  };
  const fieldIn = (row, column) =>
    row.querySelector(
      `[data-column="${column}"] :is(input:not([type=hidden]), select, textarea, button):not(:disabled)`,
    );

  // Puts a row as the server sent it in the place of another, or behind it.
  function place(html, row, { after = false } = {}) {
    const holder = document.createElement('template');
    holder.innerHTML = html.trim();
    const fresh = holder.content.querySelector('form[data-row]');
    if (after) row.after(fresh);
    else row.replaceWith(fresh);
    // A script that arrives as text is not run; choosers and date fields begin with one.
    for (const script of fresh.querySelectorAll('script')) {
      const running = document.createElement('script');
      running.textContent = script.textContent;
      script.replaceWith(running);
    }
    return fresh;
  }

  async function ask(row, address, options = {}) {
    const column = columnOf(document.activeElement) ?? 'state';
    const hadFocus = row.contains(document.activeElement);
    row.setAttribute('aria-busy', 'true');
    row.inert = true;
    let problem = 'Not saved: the server cannot be reached. What you typed is still here.';
    try {
      const response = await fetch(address, { headers: FETCHED, ...options });
      const html = await response.text();
      if (!response.redirected && html.includes('data-row')) {
        const fresh = place(html, row);
        if (hadFocus && document.activeElement === document.body) {
          (fresh.querySelector('[aria-invalid=true]') ?? fieldIn(fresh, column))?.focus();
        }
        return fresh;
      }
      problem = 'Not saved: you may have been signed out, or may not do this. What you typed is still here.';
    } catch {
      // The message stands already.
    }
    row.inert = false;
    row.removeAttribute('aria-busy');
    const place_of_message = row.querySelector('[data-told]');
    place_of_message.setAttribute('role', 'alert');
    place_of_message.innerHTML = '<p class="error-message"></p>';
    place_of_message.firstChild.textContent = problem;
    if (hadFocus) fieldIn(row, column)?.focus();
    return null;
  }

  async function save(row, button) {
    if (row.inert) return;
    const fresh = await ask(row, addressOf(row), { method: 'POST', body: new FormData(row, button) });
    if (fresh) say('saved' in fresh.dataset ? 'Saved.' : 'Not saved. See the messages in the row.');
  }

  async function undo(row) {
    if (!('dirty' in row.dataset)) return;
    const { fact, attribute, another } = row.elements;
    if (another) {
      const above = row.previousElementSibling;
      row.remove();
      if (above?.matches('form')) fieldIn(above, 'qualifier')?.focus();
      return;
    }
    const query = new URLSearchParams({ fact: fact.value, attribute: attribute.value });
    if (await ask(row, `${addressOf(row)}?${query}`)) say('Undone.');
  }

  function changed(row) {
    if ('dirty' in row.dataset) return;
    row.dataset.dirty = '';
    const { uses } = row.querySelector('[data-uses]').dataset;
    say(uses ? `Publishing this changes ${uses}.` : 'No published comparison shows this.');
  }

  const saveButton = (row) => row.querySelector('button[name=action]:not(:disabled)');

  for (const kind of ['input', 'change']) {
    grid.addEventListener(kind, (event) => {
      const row = rowOf(event.target);
      if (!row) return;
      if (event.target.name === 'sources' && !event.target.checked) {
        event.target.closest('.facts-chip').remove();
        row.querySelector('[data-add-source]').focus();
      }
      changed(row);
    });
  }

  grid.addEventListener('submit', (event) => {
    const row = rowOf(event.target);
    if (!row) return;
    event.preventDefault();
    save(row, event.submitter ?? saveButton(row));
  });

  function move(event, row, by) {
    const column = columnOf(event.target);
    const all = rows();
    for (let index = all.indexOf(row) + by; index >= 0 && index < all.length; index += by) {
      const field = fieldIn(all[index], column);
      if (field) {
        event.preventDefault();
        field.focus();
        field.select?.();
        return;
      }
    }
  }

  grid.addEventListener('keydown', (event) => {
    const row = rowOf(event.target);
    if (!row || event.isComposing) return;
    const { key, target } = event;
    const isSave = (event.ctrlKey || event.metaKey) && key.toLowerCase() === 's';
    if (isSave || (key === 'Enter' && target.matches('select, input[type=checkbox]'))) {
      event.preventDefault();
      const button = saveButton(row);
      if (button) save(row, button);
    } else if (key === 'Escape') {
      undo(row);
    } else if ((key === 'ArrowUp' || key === 'ArrowDown') && columnOf(target) && !event.altKey && !event.shiftKey) {
      // A list, a text of several lines and a calendar need the arrows themselves.
      const needsThem = target.matches('select, textarea, [autocomplete=off]');
      if (event.ctrlKey || !needsThem) move(event, row, key === 'ArrowUp' ? -1 : 1);
    }
  });

  const definition = JSON.parse(document.getElementById('source-chooser').textContent);
  let sourceChooser = null;

  function addSources(row, chosen) {
    const holder = row.querySelector('[data-sources]');
    for (const { id, string, title } of chosen) {
      if (holder.querySelector(`input[value="${id}"]`)) continue;
      const chip = document.createElement('span');
      chip.className = 'facts-chip';
      chip.append(document.getElementById('source-chip').content.cloneNode(true));
      chip.querySelector('input').value = id;
      chip.querySelector('span').textContent = string ?? title;
      holder.append(chip);
      changed(row);
    }
  }

  grid.addEventListener('click', async (event) => {
    const row = rowOf(event.target);
    if (event.target.closest('[data-add-source]')) {
      sourceChooser ??= window.telepath.unpack(definition);
      sourceChooser.openModal((chosen) => addSources(row, [chosen].flat()), { multiple: true });
    } else if (event.target.closest('[data-undo]')) {
      event.preventDefault();
      undo(row);
    } else if (event.target.closest('[data-another]')) {
      event.preventDefault();
      const open = document.getElementById(`another-${row.elements.attribute.value}`);
      if (open) {
        fieldIn(open, 'qualifier').focus();
        return;
      }
      const response = await fetch(event.target.closest('[data-another]').dataset.another, { headers: FETCHED });
      if (!response.ok || response.redirected) return;
      const fresh = place(await response.text(), row, { after: true });
      fresh.dataset.dirty = '';
      fieldIn(fresh, 'qualifier').focus();
    }
  });

  window.addEventListener('beforeunload', (event) => {
    if (rows().some((row) => 'dirty' in row.dataset)) event.preventDefault();
  });
})();
