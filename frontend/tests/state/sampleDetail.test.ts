import { describe, expect, test } from 'vitest';
import { parseNpy } from '../../src/api/npy';
import type { Contributions, Parting } from '../../src/contract/messages';
import { lead, mapPlace, sumsOf } from '../../src/state/contributionRows';
import { detailText, parseDetail } from '../../src/state/detailChoice';
import { DEFAULT_GALLERY, galleryText, parseGallery } from '../../src/state/galleryChoice';
import { comparedClass, rankedPartings } from '../../src/state/sampleDetail';
import type { SampleRow } from '../../src/state/sampleRow';
import { tensor } from '../support/fakeServer';
import { npyFile } from '../support/npyFile';

const parting = (key: string, distance: number, turn: number): Parting => ({
  key,
  distance,
  usual: 0.5,
  skipped: 0,
  turn,
});

test('layers_are_ranked_by_execution_or_by_distance_and_containers_are_left_out', () => {
  const way = ['a', 'b', 'c'].map(path => tensor(`${path}/output`, [2, 3], ['Sample', 'Node']));
  const partings = [
    parting('c/output', 0.9, 3),
    parting('whole/output', 0.9, 4),
    parting('a/output', 0.7, 0),
    parting('b/output', 0.1, 1),
  ];
  const keys = (byDistance: boolean) =>
    rankedPartings(partings, way, byDistance).map(({ key }) => key[0]);
  expect(keys(false)).toEqual(['a', 'b', 'c']);
  expect(keys(true)).toEqual(['c', 'a', 'b']);
});

describe('an answer is compared with', () => {
  const row = (target: number | null, answer: number | null): SampleRow => ({
    index: 0,
    name: 'item 0',
    input: null,
    target: null,
    prediction: parseNpy(npyFile('<f4', [4], Float32Array.of(0.1, 0.5, 0.3, 0.2))),
    verdict: {
      task: 'classes',
      target: target === null ? null : [target],
      answer: answer === null ? null : [answer],
      confidence: null,
      ofTarget: null,
      isRight: target === answer,
      error: null,
    },
  });

  test('its_target_if_it_is_wrong_and_the_next_best_class_if_it_is_right', () => {
    expect(comparedClass(row(3, 1))).toBe(3);
    expect(comparedClass(row(1, 1))).toBe(2);
    expect(comparedClass(row(null, 1))).toBe(2);
    expect(comparedClass(row(3, null))).toBe(3);
    expect(comparedClass(row(null, null))).toBeNull();
  });
});

describe('contributions', () => {
  const feature = (index: number, chosen: number, right: number) => ({
    index,
    value: 1,
    chosen_weight: chosen,
    right_weight: right,
    to_chosen: chosen,
    to_right: right,
  });
  const found: Contributions = {
    layer: 'fc',
    source: 'fc/input.0',
    chosen: 1,
    right: 2,
    chosen_logit: 5,
    right_logit: 2,
    chosen_bias: 0.5,
    right_bias: -0.5,
    features: [feature(27, 3, -1), feature(2, 1, 2)],
    classes: 3,
    map_key: 'conv/output',
    map_shape: [4, 3, 3],
  };

  test('features_others_and_bias_add_up_to_the_logits', () => {
    const sums = sumsOf(found);
    expect(found.features.map(lead)).toEqual([4, -1]);
    expect(sums).toEqual({ others: { chosen: 0.5, right: 1.5 }, lead: 3, told: 3 });
  });

  test('a_feature_has_a_place_in_the_maps', () => {
    expect(mapPlace(27, found)).toEqual({ map: 3, cell: [0, 0] });
    expect(mapPlace(14, found)).toEqual({ map: 1, cell: [1, 2] });
    expect(mapPlace(2, { ...found, map_shape: [4] })).toEqual({ map: 2, cell: [] });
    expect(mapPlace(2, { ...found, map_key: null, map_shape: [] })).toBeNull();
  });
});

test('how_a_sample_is_looked_at_is_in_the_link', () => {
  const detail = { view: 'carried', order: 'distance', against: 4 } as const;
  expect(parseDetail(detailText(detail))).toEqual(detail);
  expect(parseDetail('carried~sideways~')).toBeUndefined();
  const over = { ...DEFAULT_GALLERY, overlay: 0.35 };
  expect(parseGallery(galleryText(over))).toEqual(over);
  expect(parseGallery(galleryText(DEFAULT_GALLERY))).toEqual(DEFAULT_GALLERY);
  expect(parseGallery('index~all~own~0~7')?.overlay).toBeNull();
});
