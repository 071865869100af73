/** How the chosen sample is looked at. */

export const DETAIL_VIEWS = ['way', 'carried'] as const;
export type DetailView = (typeof DETAIL_VIEWS)[number];

export const LAYER_ORDERS = ['execution', 'distance'] as const;
export type LayerOrder = (typeof LAYER_ORDERS)[number];

export interface DetailChoice {
  readonly view: DetailView;
  readonly order: LayerOrder;
  /** The class that the answer is compared with; null is the target. */
  readonly against: number | null;
}

export const DEFAULT_DETAIL: DetailChoice = { view: 'way', order: 'execution', against: null };

export function detailText({ view, order, against }: DetailChoice): string {
  return [view, order, against ?? ''].join('~');
}

export function parseDetail(text: string): DetailChoice | undefined {
  const [viewText, orderText, againstText] = text.split('~');
  const view = DETAIL_VIEWS.find(each => each === viewText);
  const order = LAYER_ORDERS.find(each => each === orderText);
  const against = /^\d+$/.test(againstText ?? '') ? Number(againstText) : null;
  return view && order && { view, order, against };
}
