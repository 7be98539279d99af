"""What is to be seen in every browser: functions of the page that tell what is amiss; nothing, if all is well."""

# The boxes over the code: each lies on the line that it names.
MARKS = """() => [...document.querySelectorAll("pre:not([hidden]) .mark")].flatMap((mark) => {
  const line = mark.closest(".body").querySelectorAll(".line")[Number(mark.dataset.row)];
  const [box, row] = [mark, line].map((each) => each.getBoundingClientRect());
  const off = (box.top + box.bottom) / 2 - (row.top + row.bottom) / 2;
  return Math.abs(off) <= 2 ? [] : [`${line.textContent.trim()}: its box is ${off} pixels off`];
})"""

# Further settings, once they are open: as high as what is in them.
MORE = """() => {
  const more = document.querySelector("#more");
  const [box, last] = [more, [...more.querySelectorAll(".knob")].at(-1)].map((each) => each.getBoundingClientRect());
  const below = box.bottom - last.bottom;
  return box.height && below >= 0 && below < 40 ? [] : [`${box.height} pixels high, ${below} of them below the last`];
}"""

# By what is looked at: the page, a control to click there, and the function.
EVERYWHERE = {
    "the boxes over the code": ("/?lang=en#8", None, MARKS),
    "further settings": ("/?lang=en#8", ".more-button", MORE),
}
