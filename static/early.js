// @ts-check
// Runs before the page is laid out, so that nothing moves once the rest has come: the page is one with scripts, and
// the server's picture is of the moment that a page opens at, which a link may not be about. It asks for the walk too,
// before any other script is there, and says what an old browser lacks (docs/old-browsers.md). It knows nothing else.
//
// Every browser has to be able to read it, so it is a plain script in the language of 2009 (ES5).

(function () {
  var page = document.documentElement;

  // A link whose & were written as entities ends at the # of the first "&#38;": what follows is no step, but its rest.
  var rest = /^#(?:38|[xX]26);(.*)/.exec(location.hash);
  if (rest) return location.replace(location.pathname + (location.search || "?") + "&" + rest[1]);

  page.className += " live";
  var step = (/\d+/.exec(location.hash) || [page.getAttribute("data-step")])[0];
  // Numbers that the address only names this tab may have: the walk that the server knows of may be another one.
  var isNamed = /=not-in-link-/.test(location.search); // as hands/carried.js has it
  if (isNamed || (step && step !== page.getAttribute("data-opening"))) page.className += " elsewhere";

  // --- light or dark ---------------------------------------------------------------------------------------------

  /** Turn the dark part of the style sheets on or off. @param {string} theme */
  var dress = function (theme) {
    for (var sheet = 0; sheet < document.styleSheets.length; sheet++) {
      var rules = document.styleSheets[sheet].cssRules;
      for (var at = 0; at < rules.length; at++) {
        var media = /** @type {any} */ (rules[at]).media;
        if (media && /color-scheme/.test(media.mediaText)) dark.push(media);
      }
    }
    for (var each = 0; each < dark.length; each++) dark[each].mediaText = theme === "dark" ? "all" : "not all";
  };
  /** @type {any[]} the media of those parts */ var dark = [];
  /** @type {any} what theme.js goes on with */ (window).convwalkTheme = dress;
  try {
    var chosen = localStorage.getItem("convwalk.theme");
    if (chosen) dress(chosen);
  } catch (error) {
    // A page in a sandboxed frame has no storage, and follows the system.
  }

  // --- the walk -------------------------------------------------------------------------------------------------

  /** @type {any} what stream.js takes over */ var early;
  var stream = page.getAttribute("data-stream"); // none on a page of something else
  if (stream && !isNamed && "fetch" in window && "AbortController" in window) {
    var asking = new AbortController();
    early = {
      url: stream,
      answer: fetch(stream, { signal: asking.signal }),
      stop: function () { asking.abort(); },
    }; // prettier-ignore
    early.answer.catch(function () {}); // stream.js hears of it too, if it is there
    /** @type {any} */ (window).convwalkStream = early;
  }

  // --- files ----------------------------------------------------------------------------------------------------

  /** @type {any} a file that is dropped before anybody is there to take it, which bring/arrivals.js is */ var held;
  /** @param {any} event of a file over the page: a browser that is told nothing leaves the page for it */
  var hold = function (event) {
    var types = event.dataTransfer ? event.dataTransfer.types : [];
    if (Array.prototype.indexOf.call(types, "Files") < 0) return;
    event.preventDefault();
    if (event.type === "drop") held = { files: [].slice.call(event.dataTransfer.files), at: event.target };
  };
  if (stream) {
    document.addEventListener("dragover", hold);
    document.addEventListener("drop", hold);
    /** @type {any} */ (window).convwalkHeld = function () {
      document.removeEventListener("dragover", hold);
      document.removeEventListener("drop", hold);
      return held;
    };
  }

  // --- what the page needs --------------------------------------------------------------------------------------

  /** @param {string} condition */
  var supports = function (condition) {
    return "CSS" in window && "supports" in CSS && CSS.supports(condition);
  };
  /** @param {string} name @param {string} kind of object */
  var has = function (name, kind) {
    return kind in window && name in /** @type {any} */ (window)[kind].prototype;
  };
  /** @type {[string, boolean][]} in the words of the standards */
  var needs = [
    ["module", has("noModule", "HTMLScriptElement")],
    ["fetch", "fetch" in window && has("body", "Response")],
    ["AbortController", "AbortController" in window],
    ["ResizeObserver", "ResizeObserver" in window],
    ["replaceChildren", has("replaceChildren", "Element")],
    ["findLast", has("findLast", "Array")],
    ["showModal", has("showModal", "HTMLDialogElement")],
    ["popover", has("showPopover", "HTMLElement")],
    ["checkVisibility", has("checkVisibility", "Element")],
    [":has()", supports("selector(:has(a))")],
    ["cqi", supports("width: 1cqi")],
    ["color-mix()", supports("color: color-mix(in srgb, red, blue)")],
  ];
  /** @type {string[]} */ var lacking = [];
  var isFailed = false;
  for (var at = 0; at < needs.length; at++) if (!needs[at][1]) lacking.push(needs[at][0]);

  /** @param {string} what is said, of what the page has ready in its reader's language @param {string} [names] */
  function tell(what, names) {
    var where = document.getElementById("lacks");
    if (!where) return;
    where.textContent = (where.getAttribute("data-" + what) || "").replace("{lacks}", names || "");
    where.removeAttribute("hidden");
  }

  document.addEventListener("DOMContentLoaded", function () {
    if (lacking.length) tell("old", lacking.join(", "));
  });
  function fail() {
    if (isFailed) return;
    isFailed = true;
    page.className += " failed"; // and the server's picture stays
    if (early) early.stop(); // nobody is there to read it
    if (!lacking.length) tell("failed");
  }

  // The main script leaves its name before it waits for anything, and another one once all of it has run. WebKit says
  // that all is loaded before a script that may wait has begun.
  window.addEventListener("load", function () {
    window.setTimeout(function () {
      if (!("convwalk" in window)) fail();
    }, 5000);
  });
  window.addEventListener(
    "error",
    /** @param {any} event */ function (event) {
      var named = /** @type {any} */ (window).convwalk;
      var at = event.target; // a script that did not come, or else the window
      var isScript = at && at.tagName === "SCRIPT" && at.type === "module";
      if ((isScript && !named) || (named && named.isBegun)) fail();
    },
    true,
  );
})();
