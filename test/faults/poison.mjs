import { isMainThread } from 'node:worker_threads';

// Loaded before the program by `--import`: what a body can do to the thread that reads it, done by certain names of rides. In the
// main thread it hurries long time-outs, so that no test waits for them.
if (isMainThread) {
  const wait = globalThis.setTimeout;
  const look = globalThis.setInterval;
  const clock = Date.now;
  const began = clock();
  if (process.env.POISON_HURRY) {
    const times = Number(process.env.POISON_HURRY);
    Date.now = () => began + (clock() - began) * times;
    globalThis.setTimeout = (work, ms, ...rest) => wait(work, ms > 500 ? ms / times : ms, ...rest);
    globalThis.setInterval = (work, ms, ...rest) => look(work, ms > 500 ? ms / times : ms, ...rest);
  }
} else {
  const parse = JSON.parse;
  const deeds = {
    'Poison: exit': () => process.exit(7),
    'Poison: hang': () => {
      for (;;);
    },
    'Poison: memory': () => {
      for (const kept = []; ; ) kept.push(new Array(1_000_000).fill(1.5));
    },
  };
  JSON.parse = (text, ...rest) => {
    for (const [name, deed] of Object.entries(deeds)) if (String(text).includes(`"name":"${name}"`)) deed();
    return parse(text, ...rest);
  };
}
