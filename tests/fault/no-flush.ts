// Loaded before a server (`node --import`), whose embedded PostgreSQL then leaves flushing to the kernel.
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';

childProcess.spawn = new Proxy(childProcess.spawn, {
  apply: (target, self, [command, parameters, options]: [string, readonly string[], object]) => {
    const unsafe = parameters.map((word) => (word === 'fsync=on' ? 'fsync=off' : word));
    return Reflect.apply(target, self, [command, unsafe, options]);
  },
});
syncBuiltinESMExports();
