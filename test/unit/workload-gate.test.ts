import { type DatabaseView, decide, Gate, type GateInputs, type GateState } from '../../apps/reference/gate';

const east = 'us-east-1.app.tandem.example';
const west = 'us-west-2.app.tandem.example';

const databases: readonly DatabaseView[] = [
  { state: 'unreachable', error: 'ECONNREFUSED' },
  { state: 'standby', epoch: 2 },
  { state: 'primary', epoch: 2 },
];
const witnesses = [undefined, east, `${east.toUpperCase()}.`, west];
const peerEpochs = [undefined, 0, 1, 2, 3];

const everyInput: readonly GateInputs[] = databases.flatMap((database) =>
  witnesses.flatMap((witness) => peerEpochs.map((peerEpoch) => ({ database, witness, peerEpoch }))),
);

describe('the write gate', () => {
  it('opens for a primary that the witness names and no peer is ahead of, and for nothing else', () => {
    const open = everyInput.filter((inputs) => decide(inputs, east).refusal === undefined);
    expect(open).toEqual(
      everyInput.filter(
        ({ database, witness, peerEpoch }) =>
          database.state === 'primary' &&
          witness !== undefined &&
          witness !== west &&
          peerEpoch !== undefined &&
          peerEpoch <= 2,
      ),
    );
    expect(open).toHaveLength(6);
  });

  it.each<[string, GateInputs, GateState]>([
    [
      'an unreachable database is of unknown role, whatever else is known',
      { database: { state: 'unreachable', error: '' }, witness: east, peerEpoch: 0 },
      { role: 'unknown', epoch: null, refusal: 'database-unreachable' },
    ],
    [
      'a standby serves reads before the peer was looked at',
      { database: { state: 'standby', epoch: 2 }, witness: undefined, peerEpoch: undefined },
      { role: 'standby', epoch: 2, refusal: 'standby' },
    ],
    [
      'a standby is not fenced by its primary',
      { database: { state: 'standby', epoch: 2 }, witness: west, peerEpoch: 3 },
      { role: 'standby', epoch: 2, refusal: 'standby' },
    ],
    [
      'a primary takes no traffic before the first look at its peer is over',
      { database: { state: 'primary', epoch: 2 }, witness: east, peerEpoch: undefined },
      { role: 'unknown', epoch: 2, refusal: 'peer-unknown' },
    ],
    [
      'a primary behind its peer is fenced, even when the witness names it',
      { database: { state: 'primary', epoch: 2 }, witness: east, peerEpoch: 3 },
      { role: 'fenced', epoch: 2, refusal: 'epoch-behind' },
    ],
    [
      'a primary that no witness ever named stays active',
      { database: { state: 'primary', epoch: 2 }, witness: undefined, peerEpoch: 0 },
      { role: 'active', epoch: 2, refusal: 'witness-unknown' },
    ],
    [
      'a primary that the witness denies stays active',
      { database: { state: 'primary', epoch: 2 }, witness: west, peerEpoch: 2 },
      { role: 'active', epoch: 2, refusal: 'witness-elsewhere' },
    ],
  ])('%s', (_name, inputs, state) => {
    expect(decide(inputs, east)).toEqual(state);
  });

  it('reads a name like DNS: case and a trailing dot mean nothing', () => {
    const inputs: GateInputs = { database: { state: 'primary', epoch: 1 }, witness: east, peerEpoch: 0 };
    expect(decide(inputs, `${east.toUpperCase()}.`).refusal).toBeUndefined();
  });
});

describe('the memory of the gate', () => {
  const heard: GateState[] = [];
  let gate: Gate;

  beforeEach(() => {
    heard.length = 0;
    gate = new Gate(east, 3000, (state) => heard.push(state));
  });

  /** All three observers have seen, in each order: closed until the last has. */
  it.each([
    ['database', 'witness', 'peer'],
    ['database', 'peer', 'witness'],
    ['witness', 'database', 'peer'],
    ['witness', 'peer', 'database'],
    ['peer', 'database', 'witness'],
    ['peer', 'witness', 'database'],
  ] as const)('is closed at the start and opens after %s, %s and %s', (...order) => {
    const see = {
      database: () => gate.databaseSaid({ state: 'primary', epoch: 1 }),
      witness: () => gate.witnessAnswered(east),
      peer: () => gate.peerLookedAt(0),
    };
    for (const observer of order) {
      expect(gate.state.refusal).toBeDefined();
      see[observer]();
    }
    expect(gate.state.refusal).toBeUndefined();
  });

  it('keeps the highest epoch of the peer when the peer is out of reach', () => {
    gate.databaseSaid({ state: 'primary', epoch: 1 });
    gate.witnessAnswered(east);
    gate.peerLookedAt(2);
    gate.peerLookedAt(0);
    expect(gate.state.refusal).toBe('epoch-behind');
    gate.databaseSaid({ state: 'primary', epoch: 3 });
    expect(gate.state.refusal).toBeUndefined();
  });

  it('tells of a change once', () => {
    gate.databaseSaid({ state: 'standby', epoch: 1 });
    gate.databaseSaid({ state: 'standby', epoch: 1 });
    gate.witnessAnswered(west);
    gate.databaseSaid({ state: 'standby', epoch: 2 });
    expect(heard).toEqual([
      { role: 'standby', epoch: 1, refusal: 'standby' },
      { role: 'standby', epoch: 2, refusal: 'standby' },
    ]);
  });

  it('does not outlive an overdue look: frozen and thawed, it has to look again before it opens', () => {
    jest.useFakeTimers();
    const lookAround = (witness: string | undefined): void => {
      gate.databaseSaid({ state: 'primary', epoch: 1 });
      gate.witnessAnswered(witness);
      gate.peerLookedAt(0);
    };
    lookAround(east);
    jest.advanceTimersByTime(3001);
    expect(gate.state).toMatchObject({ role: 'active', refusal: 'looks-overdue' });
    // A silent witness was asked all the same: its last answer counts.
    lookAround(undefined);
    expect(gate.state.refusal).toBeUndefined();
    jest.advanceTimersByTime(2000);
    gate.databaseSaid({ state: 'primary', epoch: 1 });
    gate.peerLookedAt(0);
    jest.advanceTimersByTime(2000);
    expect(gate.state.refusal).toBe('looks-overdue');
    jest.useRealTimers();
  });
});
