// Asks for the next lines of an upload as soon as the last ones are saved.
document.querySelector("form[data-sent-by-itself]")?.requestSubmit();
