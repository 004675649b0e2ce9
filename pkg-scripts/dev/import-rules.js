// Which part of the JavaScript code may import which: rules of dependency-cruiser, checked by npm test.

/** The rooms of the driver. Each room imports from rooms of earlier groups only. */
const DRIVER_ROOMS = [
  ['utils'],
  ['td', 'workers', 'inspect'],
  ['run', 'result'],
  ['verify', 'export'],
  ['clone'],
];
/** Parts of the driver that import nothing else of it. */
const LEAVES = '^pkg-scripts/(driver/(errors|wasm)\\.js|driver/utils/|.*\\.d\\.ts$)';

/**
 * @param {string} name
 * @param {string} comment
 * @param {string} from pattern of paths
 * @param {{ to?: string, except?: string }} to patterns of paths that `from` must not import
 */
const forbid = (name, comment, from, { to = '^(pkg-scripts|www)/', except }) => ({
  ...{ name, comment, severity: 'error' },
  from: { path: from },
  to: { path: to, ...(except && { pathNot: except }) },
});

/** Keeps each room of the driver from imports of later rooms, of its own group, and of the files beside the rooms. */
const driverRooms = DRIVER_ROOMS.flatMap((group, index) =>
  group.map((room) => {
    const later = DRIVER_ROOMS.slice(index).flat();
    const others = later.filter((other) => other !== room).map((other) => `${other}/`);
    const to = `^pkg-scripts/driver/(${[...others, '[^/]+\\.js$'].join('|')})`;
    const comment = 'A room of the driver imports from earlier rooms only.';
    return forbid(`driver-${room}`, comment, `^pkg-scripts/driver/${room}/`, { to, except: LEAVES });
  }),
);

export default {
  forbidden: [
    ...driverRooms,
    {
      ...{
        name: 'no-cycles',
        comment: 'No file imports itself, directly or through others.',
        severity: 'error',
      },
      from: {},
      to: { circular: true },
    },
    forbid(
      'driver-below-interfaces',
      'The driver serves the command, the page and the library, on every platform. It imports none of them.',
      '^pkg-scripts/driver/',
      { to: '^(pkg-scripts/(cli|serve|platform|sinks|sources)/|pkg-scripts/[^/]+\\.js$|www/)' },
    ),
    forbid('shared-at-the-bottom', 'Shared code imports shared code only.', '^pkg-scripts/shared/', {
      except: '^pkg-scripts/shared/',
    }),
    forbid(
      'utils-at-the-bottom',
      'Utilities import errors, the WebAssembly bindings and other utilities only.',
      '^pkg-scripts/driver/utils/',
      {
        except: LEAVES,
      },
    ),
    forbid(
      'interfaces-use-entries',
      'The command, the server and the page run petit through its entries. Of the driver they import leaves and options.',
      '^(pkg-scripts/(cli|serve)/|www/)',
      { to: '^pkg-scripts/driver/', except: `${LEAVES}|^pkg-scripts/driver/run/options\\.js$` },
    ),
    forbid(
      'edges-know-errors-only',
      'Sinks, sources and platforms import errors, the bindings, utilities and types of the driver only.',
      '^pkg-scripts/(sinks|sources|platform)/',
      {
        except: `^pkg-scripts/(sinks|sources|platform)/|^pkg-scripts/asset-locations\\.js$|${LEAVES}`,
      },
    ),
    forbid('no-page-in-the-package', 'Only the page imports the page.', '^pkg-scripts/', { to: '^www/' }),
    forbid('no-command-in-the-page', 'The page imports neither the command nor the local server.', '^www/', {
      to: '^pkg-scripts/(cli|serve)/',
    }),
    forbid(
      'no-development-scripts',
      'The package does not contain the development scripts.',
      '^(pkg-scripts/(?!dev/)|www/(?!vite))',
      {
        to: '^pkg-scripts/dev/',
      },
    ),
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^dist/'] },
    moduleSystems: ['es6'],
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['browser', 'import', 'default'] },
    skipAnalysisNotInRules: true,
  },
};
