import { moduleText, pythonLocation } from './names';
import { SAMPLES_PATH, type TreeNode } from './tree';

const INDENT = '  ';
/** Of longer lines the location stands right behind: a column that far to the right is not read. */
const MOST_COLUMNS = 100;

/** A module's line as `print(model)` has it: `(0): Conv2d(1, 32, ...)`; of the root its class. */
export function moduleLine(node: TreeNode): { name: string; text: string } {
  if (node.path === SAMPLES_PATH) return { name: '', text: 'Samples' };
  const name = node.path === '' ? '' : `(${node.name}): `;
  return { name, text: node.module === null ? 'model' : moduleText(node.module) };
}

interface Line {
  readonly text: string;
  readonly location: string;
}

function linesOf(node: TreeNode, depth: number): Line[] {
  const { name, text } = moduleLine(node);
  const line = INDENT.repeat(depth) + name + text.replaceAll(/\s*\n\s*/g, ' ');
  return [
    { text: line, location: pythonLocation(node.path) },
    ...node.children.flatMap(child => linesOf(child, depth + 1)),
  ];
}

/** The model as `print(model)` has it, and beside each module where it is in Python. */
export function modelText(roots: readonly TreeNode[]): string {
  const lines = roots.filter(({ path }) => path !== SAMPLES_PATH).flatMap(root => linesOf(root, 0));
  const width = Math.min(
    MOST_COLUMNS,
    lines.reduce((longest, { text }) => Math.max(longest, text.length), 0),
  );
  return lines.map(({ text, location }) => `${text.padEnd(width)}  ${location}`).join('\n');
}
