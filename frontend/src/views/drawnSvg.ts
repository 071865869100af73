/** What stands on the page as one SVG: pictures as images, axes and words as vectors. */

import { svgElement as element, vectorsOf } from './plotSvg';

const SVG = 'http://www.w3.org/2000/svg';
/** What is there to be used, or to be read by a machine, is no part of a picture. */
const LEFT_OUT =
  'button:not(.lv-drawn), select, input, textarea, label, summary, [role=tooltip], .lv-aside, .lv-control, .lv-cell-pointed, .lv-cell-cursor';
const SHAPE_STYLES = ['stroke', 'stroke-width', 'fill', 'fill-opacity', 'opacity'] as const;
const TEXT_STYLES = ['fill', 'font-family', 'font-size', 'font-weight'] as const;

function isLeftOut(node: Element): boolean {
  if (node.closest(LEFT_OUT) !== null) return true;
  const style = getComputedStyle(node);
  return style.visibility === 'hidden' || style.display === 'none';
}

function copyStyles(from: Element, to: Element, names: readonly string[]): void {
  const style = getComputedStyle(from);
  for (const name of names) to.setAttribute(name, style.getPropertyValue(name));
}

/** An SVG of the page, with the styles that its sheet gives it written into it. */
function copyOfSvg(svg: SVGElement, place: Readonly<Record<string, number>>): SVGElement {
  const copy = svg.cloneNode(true) as SVGElement;
  const [originals, copies] = [svg.querySelectorAll('*'), copy.querySelectorAll('*')];
  originals.forEach((original, i) => {
    const twin = copies[i];
    if (twin === undefined) return;
    copyStyles(original, twin, original.tagName === 'text' ? TEXT_STYLES : SHAPE_STYLES);
  });
  for (const [name, value] of Object.entries(place)) {
    copy.setAttribute(name, String(value));
  }
  copy.setAttribute('overflow', 'visible');
  copy.removeAttribute('class');
  return copy;
}

function textsOf(node: Text, left: number, top: number): SVGElement[] {
  const parent = node.parentElement;
  const words = node.data.replaceAll(/\s+/g, ' ');
  if (parent === null || words.trim() === '') return [];
  const range = document.createRange();
  range.selectNodeContents(node);
  const box = range.getBoundingClientRect();
  if (box.width === 0) return [];
  const style = getComputedStyle(parent);
  const size = Number.parseFloat(style.fontSize);
  const text = element('text', {
    x: box.left - left,
    // The middle of a line of letters without descenders is a third of their size above its base.
    y: (box.top + box.bottom) / 2 - top + size * 0.35,
    fill: style.color,
    'font-family': style.fontFamily,
    'font-size': style.fontSize,
    'font-weight': style.fontWeight,
    style: 'white-space: pre',
  });
  text.textContent = words;
  return [text];
}

/** Where a part of the page comes to stand in the picture. */
interface Frame {
  readonly into: SVGElement;
  readonly left: number;
  readonly top: number;
  /** What is seen of the part: it may be scrolled. */
  readonly seen: DOMRect;
}

function draw(node: Node, frame: Frame): void {
  const { into, left, top, seen } = frame;
  if (node instanceof Text) {
    into.append(...textsOf(node, left, top));
    return;
  }
  if (!(node instanceof Element) || isLeftOut(node)) return;
  const box = node.getBoundingClientRect();
  const isOutside = box.bottom <= seen.top || box.top >= seen.bottom;
  if (isOutside && box.height > 0) return;
  const place = { x: box.left - left, y: box.top - top, width: box.width, height: box.height };
  if (node instanceof HTMLCanvasElement) {
    const vectors = vectorsOf(node);
    if (vectors !== null) {
      vectors.setAttribute('x', String(place.x));
      vectors.setAttribute('y', String(place.y));
      into.append(vectors);
      return;
    }
    const image = element('image', { ...place, href: node.toDataURL('image/png') });
    image.setAttribute('image-rendering', 'pixelated');
    image.setAttribute('preserveAspectRatio', 'none');
    image.setAttribute('opacity', getComputedStyle(node).opacity);
    into.append(image);
    return;
  }
  if (node instanceof SVGElement) {
    into.append(copyOfSvg(node, place));
    return;
  }
  const swatch = getComputedStyle(node).backgroundColor;
  const isSwatch = node.childNodes.length === 0 && !/^rgba\(.*, 0\)$|^transparent$/.test(swatch);
  if (isSwatch) into.append(element('rect', { ...place, fill: swatch }));
  for (const child of node.childNodes) draw(child, frame);
}

/** The parts of the page that are given, as they are seen, one below the other. */
export function drawnSvg(parts: readonly Element[]): SVGElement {
  const boxes = parts.map(part => part.getBoundingClientRect());
  const left = Math.min(...boxes.map(box => box.left));
  const width = Math.ceil(Math.max(...boxes.map(box => box.right)) - left);
  const height = Math.ceil(boxes.reduce((sum, box) => sum + box.height, 0));
  const svg = element('svg', { xmlns: SVG, width, height, viewBox: `0 0 ${width} ${height}` });
  const page = parts[0]?.closest('.lv-root') ?? document.body;
  svg.append(element('rect', { width, height, fill: getComputedStyle(page).backgroundColor }));
  let below = 0;
  parts.forEach((part, i) => {
    const seen = boxes[i];
    if (seen === undefined) return;
    // An inner picture cuts off what has been scrolled out of the part.
    const place = { x: 0, y: below, width, height: seen.height };
    const into = element('svg', place);
    svg.append(into);
    draw(part, { into, left, top: seen.top, seen });
    below += seen.height;
  });
  return svg;
}

export function svgText(svg: SVGElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(svg)}\n`;
}

/** The same as a PNG, with `dpr` pixels for each CSS pixel. */
export async function pngOf(svg: SVGElement, dpr: number): Promise<Blob> {
  const image = new Image();
  const source = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(svg))}`;
  await new Promise<void>((resolve, reject) => {
    image.onload = () => resolve();
    image.onerror = () => reject(new Error('the browser could not draw the picture'));
    image.src = source;
  });
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(Number(svg.getAttribute('width')) * dpr);
  canvas.height = Math.round(Number(svg.getAttribute('height')) * dpr);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('the browser has no canvas');
  context.imageSmoothingEnabled = false;
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      blob => (blob === null ? reject(new Error('the picture is too large')) : resolve(blob)),
      'image/png',
    );
  });
}
