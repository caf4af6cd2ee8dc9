/**
 * How much WAL a primary keeps for a standby that has stopped reading, in MiB: a fifth of the storage. Without a limit, the loss
 * of the peer region fills the disk of the region that is left. A standby cut off by it is rebuilt.
 */
export const walKeptMb = (storageGb: number): number => Math.floor((storageGb * 1024) / 5);
