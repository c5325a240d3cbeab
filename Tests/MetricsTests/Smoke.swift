import Testing

@Test func placeholderUntilTheModuleLands() {}
