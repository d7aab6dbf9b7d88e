// When an autosave succeeds, Wagtail takes all that stands in the form by then for saved, also what was typed after the
// copy that was sent. It would be neither saved nor previewed before the next change, and leaving the page would lose it
// without a question. This tells Wagtail that there is more.
(() => {
  const NEVER_COMPARED = /^(comments-.*|csrfmiddlewaretoken|next|loaded_revision_id|loaded_revision_created_at|overwrite_revision_id)$/;
  let sent = null;

  const text = (values) => JSON.stringify(values.map((value) => (value instanceof File ? [value.name, value.size] : value)));

  function isLeftBehind(form, updates) {
    const now = new FormData(form);
    return [...new Set([...now.keys(), ...sent.keys()])].some((name) => {
      if (NEVER_COMPARED.test(name)) return false;
      return text(now.getAll(name)) !== text(name in updates ? [updates[name]] : sent.getAll(name));
    });
  }

  document.addEventListener('w-autosave:save', (event) => {
    sent = event.detail.formData;
  });
  document.addEventListener('w-autosave:success', (event) => {
    if (sent && isLeftBehind(event.target, event.detail.response.field_updates ?? {})) {
      event.target.setAttribute('data-w-unsaved-force-value', 'true');
    }
  });
})();
