// Makes one document say what another says, and touches only what differs: pictures that stay are not loaded
// again, the reader's place and selection are kept, and nothing flickers.

function sameStart(now, next) {
  let count = 0;
  while (count < now.length && count < next.length && now[count].isEqualNode(next[count])) count += 1;
  return count;
}

function attributes(now, next) {
  for (const { name } of [...now.attributes]) if (!next.hasAttribute(name)) now.removeAttribute(name);
  for (const { name, value } of next.attributes) if (now.getAttribute(name) !== value) now.setAttribute(name, value);
}

export function patch(now, next) {
  if (now.nodeType !== Node.ELEMENT_NODE) {
    now.nodeValue = next.nodeValue;
    return;
  }
  attributes(now, next);
  const before = [...now.childNodes];
  const after = [...next.childNodes];
  const start = sameStart(before, after);
  const end = sameStart(before.slice(start).reverse(), after.slice(start).reverse());
  const gone = before.slice(start, before.length - end);
  const come = after.slice(start, after.length - end);
  const alike = gone.length === come.length && gone.every((node, index) => node.nodeName === come[index].nodeName);
  if (alike) {
    gone.forEach((node, index) => patch(node, come[index]));
    return;
  }
  const following = before[before.length - end] ?? null;
  for (const node of gone) node.remove();
  for (const node of come) now.insertBefore(now.ownerDocument.importNode(node, true), following);
}
