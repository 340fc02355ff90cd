// An address that was kept from another run: the browser knows where the page lives now, if it was opened since.
"use strict";
try {
  const root = localStorage.getItem("imr-root");
  const rest = location.pathname.replace(/^\/[^/]*\/?/, "");
  if (root && !location.pathname.startsWith(root)) location.replace(root + rest + location.search + location.hash);
  else localStorage.removeItem("imr-root");
} catch { /* no storage: the text of the page says what to do */ }
