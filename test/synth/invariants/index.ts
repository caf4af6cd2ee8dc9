import { accessInvariants } from './access';
import { nameInvariants } from './names';
import { regionInvariants } from './regions';
import { storageInvariants } from './storage';

/** What holds for every environment's stacks, by the sentence that says it: each answers with the addresses that break it. */
export const invariants = {
  ...regionInvariants,
  ...storageInvariants,
  ...accessInvariants,
  ...nameInvariants,
} as const;
