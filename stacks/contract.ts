import { DataTerraformRemoteStateS3, TerraformOutput } from 'cdktf';
import type { AwsStack } from './aws-stack';
import { stateOf } from './backend';

/** Reads one field of a contract: an output of the other layer's stack, or what stands for it offline. */
export interface Reader {
  /** Whose layer it is: for placeholders that must differ between regions. `global` for a global layer. */
  readonly region: string;
  text(name: string, placeholder: string): string;
  list(name: string, ...placeholder: readonly string[]): string[];
}

/** What a layer gives to the layers after it. Its fields are outputs of its stack, under the same names. */
export interface Contract<T extends Record<string, string | string[]>> {
  readonly layer: string;
  /** Reads every field of `T` under its own name. */
  readonly read: (from: Reader) => T;
}

/** Declares a contract's fields as outputs of the stack that gives them. */
export function publish<T extends Record<string, string | string[]>>(
  stack: AwsStack,
  _: Contract<T>,
  values: T,
): void {
  for (const [name, value] of Object.entries(values)) new TerraformOutput(stack, name, { value });
}

/**
 * Another layer's values, of the same region, or of a named one for a global layer; never of a region's peer.
 * @param region the region whose layer gives them; the stack's own when left out
 */
export function consume<T extends Record<string, string | string[]>>(
  stack: AwsStack,
  { layer, read }: Contract<T>,
  region = stack.region,
): T {
  const environment = stack.live;
  const of = { region: region ?? 'global' };
  if (!environment) {
    return read({
      ...of,
      text: (_, placeholder) => placeholder,
      list: (_, ...placeholder) => [...placeholder],
    });
  }
  const place = { environment, layer, ...(region !== undefined && { region }) };
  const id = ['state', of.region, layer].join('_').replaceAll('-', '_');
  const state = new DataTerraformRemoteStateS3(stack, id, stateOf(place));
  return read({ ...of, text: (name) => state.getString(name), list: (name) => state.getList(name) });
}
