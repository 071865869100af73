/** What the shown picture is compared with; what is absent is as it is shown. */
export interface Other {
  readonly run?: string;
  readonly key?: string;
  readonly step?: number;
  readonly sample?: number;
}
