// The value's field follows the attribute: when another one is chosen, the server says which field fits it.
(() => {
  let asked = 0;

  document.addEventListener('change', async (event) => {
    const address = event.target.closest('[data-fact-value-field]')?.dataset.factValueField;
    const field = event.target.form?.elements.namedItem('value');
    const holder = field?.closest('.w-field__input');
    if (!address || !holder) return;
    asked += 1;
    const turn = asked;
    const query = new URLSearchParams({ attribute: event.target.value, value: field.value });
    const response = await fetch(`${address}?${query}`);
    if (!response.ok || turn !== asked) return;
    holder.innerHTML = await response.text();
    // A script that arrives as text is not run; choosers and date fields begin with one.
    for (const script of holder.querySelectorAll('script')) {
      const running = document.createElement('script');
      running.textContent = script.textContent;
      script.replaceWith(running);
    }
  });
})();
