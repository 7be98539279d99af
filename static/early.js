// @ts-check
// Runs before the page is laid out, so that nothing moves once the rest has come: the page is one with scripts, and the
// server's picture is of the moment that a page opens at, which a link may not be about. It asks for the walk too, before
// any other script is there. It knows nothing else.

const page = document.documentElement;
page.classList.add("live");
if (/^#\d+$/.test(location.hash) && location.hash !== `#${page.dataset.opening}`) page.classList.add("elsewhere");

const stream = document.createElement("link");
Object.assign(stream, { rel: "preload", as: "fetch", crossOrigin: "anonymous", href: page.dataset.stream });
document.head.append(stream);
