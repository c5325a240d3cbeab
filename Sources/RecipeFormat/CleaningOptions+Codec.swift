import TextCleaning

extension CleaningOptions {
  /// The section `data.cleaning`.
  static var codec: Codec<CleaningOptions> {
    .section(
      CleaningOptions(),
      [
        Field("rules", \.rules, Codec.word.list(0...100, flow: true).or(group, \.rules)),
        Field("keep_languages", \.keptLanguages, Codec.word.list(0...100, flow: true)),
        Field("skip_languages", \.skippedLanguages, Codec.word.list(0...100, flow: true)),
        Field("split_length", \.splitLength, Codec.tokens(16...1 << 40).orNull),
        Field("near_duplicates", \.nearDuplicates, NearDuplicateOptions.codec),
      ],
      check: { options, path, problems in
        if problems.isSound(path), let missing = options.missing {
          problems.add(
            path, rule: missing, repair: "add keep_languages, skip_languages or split_length, or drop the rule")
        }
      })
  }

  private static var group: Codec<RuleGroup> { .word }
}

extension NearDuplicateOptions {
  static var codec: Codec<NearDuplicateOptions> {
    .section(
      NearDuplicateOptions(),
      [
        Field("threshold", \.threshold, .number("above 0 to 1", example: "0.8") { $0 > 0 && $0 <= 1 }),
        Field("hashes", \.hashes, .count(hashCounts)),
        Field("ngram", \.ngram, .count(ngrams)),
        Field("unit", \.unit, .word),
        Field("seed", \.seed, .count(0...Int.max)),
      ],
      check: { options, path, problems in
        if options.hashes % 16 != 0 {
          problems.add(
            path + ".hashes", found: "\(options.hashes)", rule: "needed is a multiple of 16", repair: "write 128")
        }
      })
  }
}
