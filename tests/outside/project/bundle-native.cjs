const { writeFileSync } = require('node:fs');
const { loadConfig, runBuild } = require('metro');

async function bundle() {
  const config = await loadConfig({ config: `${__dirname}/metro.config.cjs` });
  const { code } = await runBuild(config, {
    entry: 'native/index.js',
    platform: process.argv[2],
    dev: false,
    minify: false,
  });
  writeFileSync(`${__dirname}/native.${process.argv[2]}.js`, code);
}

void bundle();
