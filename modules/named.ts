import { physicalName, type NameKind } from '../lib/names';
import { tagsOf } from '../lib/tags';

/** Where a resource that belongs to no region belongs. */
export interface GlobalPlace {
  /** The environment's name. */
  readonly environment: string;
  /** The layer that owns it. */
  readonly layer: string;
}

/** Where a regional resource belongs. */
export interface Place extends GlobalPlace {
  /** The region's name: by place, never by role. */
  readonly region: string;
}

/**
 * A resource's physical name, and the tags that say where it belongs and repeat the name.
 * @param generation which incarnation, for what a rebuild replaces
 * @throws TandemError NameInvalid
 */
export function named(kind: NameKind, place: GlobalPlace | Place, component: string, generation?: number) {
  const { environment, layer } = place;
  const of = { environment, ...('region' in place && { region: place.region }) };
  const name = physicalName(kind, { ...of, component, ...(generation !== undefined && { generation }) });
  return { name, tags: { ...tagsOf({ ...of, layer }), Name: name } };
}
