import { everyDeployment } from './graph';
import { invariants } from './invariants';
import { bothWays, graphOf } from './resources';
it('probe', () => {
  const [d] = everyDeployment.filter(({environment}) => environment.name === 'production').flatMap(bothWays);
  for (let i = 0; i < 12; i++) {
    const t0 = performance.now();
    const g = graphOf(d!);
    const t1 = performance.now();
    const per = Object.entries(invariants).map(([n, f]) => { const s = performance.now(); f(g); return [Math.round(performance.now() - s), n] as const; });
    console.log(i, Math.round(t1 - t0), Math.round(performance.now() - t1), g.resources.length, JSON.stringify(per.filter(([ms]) => ms > 20)));
  }
});
