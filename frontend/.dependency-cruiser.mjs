// Arrows only point down: index -> views -> picture -> gl -> scale; views -> state -> api -> contract.

const only = (folder, ...allowed) => ({
  name: `${folder}-keeps-its-border`,
  comment: `${folder}/ may import ${allowed.length === 0 ? 'nothing of ours' : allowed.join(', ')}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: [folder, ...allowed].map(name => `^src/${name}/`) },
});

const without = (folder, packages) => ({
  name: `${folder}-is-pure`,
  comment: `${folder}/ must not know of the page's framework`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: packages },
});

export default {
  forbidden: [
    only('contract'),
    only('api', 'contract'),
    only('scale'),
    only('gl', 'scale'),
    only('picture', 'gl', 'scale'),
    only('state', 'api', 'contract', 'scale'),
    only('views', 'state', 'api', 'contract', 'picture', 'gl', 'scale', 'styles'),
    without('(contract|api|scale|gl)', 'node_modules/(@?preact)'),
    {
      name: 'no-circular',
      comment: 'a cycle has no order in which it can be understood',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'a file that nothing imports is a file that nobody tests',
      severity: 'error',
      from: { orphan: true, pathNot: ['^src/index\\.ts$'] },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.mjs', '.css'] },
  },
};
