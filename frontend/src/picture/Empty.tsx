interface Props {
  title: string | undefined;
  shape: readonly number[];
}

/** What stands where an array without elements would be drawn. */
export function Empty({ title, shape }: Props) {
  return (
    <figure class="lv-picture">
      {title !== undefined && (
        <figcaption class="lv-picture-head">
          <span class="lv-picture-title">{title}</span>
        </figcaption>
      )}
      <p class="lv-empty">No elements: the shape is {shape.join(' × ')}.</p>
    </figure>
  );
}
