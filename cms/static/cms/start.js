// Starts what Wagtail's templates start by inline scripts, which the content security policy forbids: each of those is a
// <template data-controller="start"> in ours, and names a function or class with its arguments.
{
  const start = (element) => {
    // Once: rows that are moved are connected again.
    element.remove();
    const { startName: name, startArguments: values } = element.dataset;
    if (!/^\w*(Chooser|Panel)$/.test(name)) throw new Error(`Nothing called ${name} is started.`);
    const found = window[name];
    if (/^[A-Z]/.test(name)) Reflect.construct(found, JSON.parse(values));
    else found(...JSON.parse(values));
  };

  window.wagtail.app.register(
    'start',
    class extends window.StimulusModule.Controller {
      connect() {
        start(this.element);
      }
    },
  );

  // A page that was chosen is written into its new row at once.
  const { addForm } = window.InlinePanel.prototype;
  window.InlinePanel.prototype.addForm = function addFormAndStart(...values) {
    const result = addForm.apply(this, values);
    document.querySelectorAll('template[data-controller=start]').forEach(start);
    return result;
  };
}
