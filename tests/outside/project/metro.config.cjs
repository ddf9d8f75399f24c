/** As React Native sets it, without React Native itself: its resolution, and its Babel preset. */
module.exports = {
  projectRoot: __dirname,
  resolver: {
    platforms: ['ios', 'android'],
    resolverMainFields: ['react-native', 'browser', 'main'],
    unstable_conditionNames: ['require', 'react-native'],
    unstable_enablePackageExports: true,
  },
  transformer: {
    babelTransformerPath: require.resolve('@react-native/metro-babel-transformer'),
  },
  reporter: { update: () => undefined },
  cacheStores: [],
  maxWorkers: 2,
  watchFolders: [__dirname],
};
