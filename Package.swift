// swift-tools-version: 6.2
import PackageDescription

// Targets stand top-down: each may depend only on targets below it (Scripts/check proves it).

/// Settings of every Swift target, each for its reason.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),  // data races are compile errors
  .strictMemorySafety(),  // every unsafe expression says `unsafe`; Scripts/check lists the files
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]
/// `Span` accessors on our own types need lifetime annotations.
let lifetimes: [SwiftSetting] = strict + [.enableExperimentalFeature("Lifetimes")]
let tests: [SwiftSetting] = [
  .swiftLanguageMode(.v6), .treatAllWarnings(as: .error), .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
  name: "extend",
  platforms: [.macOS(.v26)],
  products: [.executable(name: "extend", targets: ["extend"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // The user interface: arguments → library calls → printed events.
    .executableTarget(
      name: "extend",
      dependencies: [
        "Serving", "Benchmark", "Report", "Evaluation", "Inference", "EvaluationSuites", "Training", "RecipeFormat",
        "Metrics",
        "Checkpointing", "ModelFiles", "Corpus", "TextCleaning", "Tokenization", "ChatTemplates", "GGUFFormat",
        "SafetensorsFormat", "HDF5Storage", "AtomicFiles", "ScratchStorage", "LlamaModel", "TensorCore", "Kernels",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: strict),
    // A model behind OpenAI's protocol: connections, the line of those who wait, answers at once or in pieces.
    .target(
      name: "Serving",
      dependencies: [
        "ServerAPI", "Inference", "Tokenization", "ChatTemplates", "LlamaModel",
        // swift-metrics has a target of the name of one of ours.
        .product(name: "Hummingbird", package: "hummingbird", moduleAliases: ["Metrics": "SwiftMetrics"]),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ], swiftSettings: strict),
    // OpenAI's requests and responses as values.
    .target(name: "ServerAPI", swiftSettings: strict),
    // How fast the machine, each kernel and a whole step are, and how long a planned step will take.
    .target(
      name: "Benchmark",
      dependencies: [
        "Training", "RecipeFormat", "Metrics", "ScratchStorage", "LlamaModel", "TensorCore", "Kernels", "RandomNumbers",
      ], swiftSettings: strict),
    // Runs and evaluations as pages of curves, heat maps and tables.
    .target(name: "Report", dependencies: ["EvaluationSuites", "Metrics"], swiftSettings: strict),
    // Held-out loss, and Llama models behind the door through which the suites ask.
    .target(
      name: "Evaluation",
      dependencies: ["Inference", "EvaluationSuites", "Tokenization", "LlamaModel", "TensorCore", "Kernels"],
      swiftSettings: strict),
    // A model that reads and continues texts: sessions, sampling, prefixes read once, saved caches.
    .target(
      name: "Inference",
      dependencies: [
        "HDF5Storage", "AtomicFiles", "Tokenization", "LlamaModel", "TensorCore", "Kernels", "RandomNumbers",
      ],
      swiftSettings: strict),
    // From a recipe to trained weights, as a stream of events.
    .target(
      name: "Training", dependencies: ["RecipeFormat", "ScratchStorage", "LlamaModel", "TensorCore", "Kernels"],
      swiftSettings: strict),
    // A recipe that exists is a recipe that can run.
    .target(
      name: "RecipeFormat",
      dependencies: [
        "EvaluationSuites", "TextCleaning", "LlamaModel", "Kernels", .product(name: "Yams", package: "Yams"),
      ],
      resources: [.embedInCode("Resources")], swiftSettings: strict),
    // The tests of what a window is good for, and how answers are scored: no model, seeded, byte for byte as published.
    .target(
      name: "EvaluationSuites", dependencies: ["Tokenization", "AtomicFiles", "RandomNumbers"],
      exclude: ["Words/LICENSE-wonderwords"],
      resources: [.embedInCode("Words/Resources")], swiftSettings: strict),
    // metrics.jsonl and TensorBoard event files.
    .target(
      name: "Metrics", dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["TensorBoard/Event.proto"], swiftSettings: strict
    ),
    // Run folders and HDF5 checkpoints: atomic, checksummed, resumable.
    .target(name: "Checkpointing", dependencies: ["HDF5Storage", "AtomicFiles", "TensorCore"], swiftSettings: strict),
    // Whole models in and out of files.
    .target(
      name: "ModelFiles",
      dependencies: [
        "Tokenization", "ChatTemplates", "GGUFFormat", "SafetensorsFormat", "AtomicFiles", "JSONText", "LlamaModel",
        "TensorCore", "Kernels",
      ], swiftSettings: strict),
    // Conversations → labelled tokens → sequences of exactly the stage's length.
    .target(
      name: "Corpus",
      dependencies: [
        "TextCleaning", "Tokenization", "ChatTemplates", "JSONText", "HDF5Storage", "AtomicFiles", "RandomNumbers",
        "CYajl",
        "CXXHash", "CZlib",
      ],
      swiftSettings: strict),
    // What the cleaning rules do to texts, and their names.
    .target(name: "TextCleaning", dependencies: ["RandomNumbers"], swiftSettings: strict),
    // The Jinja that chat templates use, keeping track of who said what.
    .target(name: "ChatTemplates", dependencies: ["Tokenization", "JSONText"], swiftSettings: strict),
    // Text ⇄ token ids, as the model's own tokenizer gives them.
    .target(name: "Tokenization", dependencies: ["JSONText", "Diagnostics", "CPCRE2"], swiftSettings: strict),
    // GGUF bytes ⇄ values.
    .target(name: "GGUFFormat", dependencies: ["AtomicFiles", "Kernels"], swiftSettings: strict),
    // Safetensors bytes ⇄ values, in one file or in several with an index.
    .target(name: "SafetensorsFormat", dependencies: ["AtomicFiles", "JSONText", "Kernels"], swiftSettings: strict),
    // JSON text ⇄ values, every refusal with its byte.
    .target(name: "JSONText", swiftSettings: strict),
    // The Swift door to libhdf5.
    .target(name: "HDF5Storage", dependencies: ["AtomicFiles", "CHDF5", "CXXHash"], swiftSettings: strict),
    // Files read by mapping them; files and folders that appear under their names only when they are whole.
    .target(name: "AtomicFiles", swiftSettings: strict),
    // What waits for the backward pass, in a file.
    .target(name: "ScratchStorage", dependencies: ["TensorCore", "Kernels"], swiftSettings: strict),
    // Llama-family models and their positions.
    .target(name: "LlamaModel", dependencies: ["TensorCore", "Kernels"], swiftSettings: strict),
    // Tensors and their gradients.
    .target(name: "TensorCore", dependencies: ["Kernels"], swiftSettings: lifetimes),
    // The one Swift door to C arithmetic, and the thread pool.
    .target(name: "Kernels", dependencies: ["Diagnostics", "CKernels", "COpenBLAS"], swiftSettings: lifetimes),
    // How the program stops when a caller breaks a rule.
    .target(name: "Diagnostics", swiftSettings: strict),
    // Numbers that look random and depend on their seed alone.
    .target(name: "RandomNumbers", swiftSettings: strict),
    // Arithmetic in C11: no allocation, no globals, no input or output.
    .target(
      name: "CKernels", dependencies: ["COpenBLAS"],
      cSettings: [.unsafeFlags(["-O3", "-fno-math-errno", "-Wall", "-Wextra", "-Werror", "-Wno-psabi"])]),
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(name: "CYajl", pkgConfig: "yajl", providers: [.apt(["libyajl-dev"])]),
    .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
    .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    .target(
      name: "TestSupport", dependencies: ["Tokenization", "LlamaModel", "TensorCore", "Kernels", "RandomNumbers"],
      path: "Tests/TestSupport", swiftSettings: tests),
    .testTarget(
      name: "ExtendTests",
      dependencies: ["extend", "TestSupport", "ModelFiles", "GGUFFormat", "LlamaModel", "TensorCore", "Tokenization"],
      swiftSettings: tests),
    .testTarget(
      name: "ServingTests",
      dependencies: [
        "Serving", "ServerAPI", "Inference", "ChatTemplates", "LlamaModel", "TensorCore", "Tokenization", "TestSupport",
      ],
      swiftSettings: tests),
    .testTarget(name: "ServerAPITests", dependencies: ["ServerAPI"], swiftSettings: tests),
    .testTarget(name: "BenchmarkTests", dependencies: ["Benchmark", "TestSupport"], swiftSettings: tests),
    .testTarget(
      name: "ReportTests", dependencies: ["Report", "EvaluationSuites", "Metrics", "TestSupport"], swiftSettings: tests),
    .testTarget(
      name: "EvaluationTests",
      dependencies: [
        "Evaluation", "EvaluationSuites", "LlamaModel", "TensorCore", "Kernels", "Tokenization", "TestSupport",
      ],
      swiftSettings: tests),
    .testTarget(
      name: "EvaluationSuitesTests", dependencies: ["EvaluationSuites", "TestSupport"], exclude: ["Fixtures"],
      swiftSettings: tests),
    .testTarget(
      name: "InferenceTests",
      dependencies: ["Inference", "HDF5Storage", "LlamaModel", "TensorCore", "Kernels", "Tokenization", "TestSupport"],
      swiftSettings: tests),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Training", "RecipeFormat", "ScratchStorage", "LlamaModel", "TensorCore", "Kernels", "TestSupport",
      ],
      swiftSettings: tests),
    .testTarget(name: "RecipeFormatTests", dependencies: ["RecipeFormat", "TestSupport"], swiftSettings: tests),
    .testTarget(name: "MetricsTests", dependencies: ["Metrics", "TestSupport"], swiftSettings: tests),
    .testTarget(name: "CheckpointingTests", dependencies: ["Checkpointing", "TestSupport"], swiftSettings: tests),
    .testTarget(
      name: "ModelFilesTests",
      dependencies: [
        "ModelFiles", "ChatTemplates", "GGUFFormat", "SafetensorsFormat", "LlamaModel", "TensorCore", "Tokenization",
        "TestSupport",
      ], exclude: ["Fixtures"], swiftSettings: tests),
    .testTarget(name: "CorpusTests", dependencies: ["Corpus", "TestSupport"], swiftSettings: tests),
    .testTarget(name: "TextCleaningTests", dependencies: ["TextCleaning", "TestSupport"], swiftSettings: tests),
    .testTarget(
      name: "TokenizationTests", dependencies: ["Tokenization", "TestSupport"], exclude: ["Fixtures"],
      swiftSettings: tests),
    .testTarget(
      name: "ChatTemplatesTests", dependencies: ["ChatTemplates", "TestSupport"], exclude: ["Fixtures"],
      swiftSettings: tests),
    .testTarget(
      name: "GGUFFormatTests", dependencies: ["GGUFFormat", "TestSupport"], exclude: ["Fixtures"], swiftSettings: tests),
    .testTarget(
      name: "SafetensorsFormatTests", dependencies: ["SafetensorsFormat", "TestSupport"], swiftSettings: tests),
    .testTarget(name: "JSONTextTests", dependencies: ["JSONText", "TestSupport"], swiftSettings: tests),
    .testTarget(name: "HDF5StorageTests", dependencies: ["HDF5Storage", "TestSupport"], swiftSettings: tests),
    .testTarget(name: "AtomicFilesTests", dependencies: ["AtomicFiles", "TestSupport"], swiftSettings: tests),
    .testTarget(
      name: "ScratchStorageTests", dependencies: ["ScratchStorage", "TensorCore", "Kernels", "TestSupport"],
      swiftSettings: tests),
    .testTarget(
      name: "LlamaModelTests", dependencies: ["LlamaModel", "TestSupport"], exclude: ["Fixtures"], swiftSettings: tests),
    .testTarget(name: "TensorCoreTests", dependencies: ["TensorCore", "TestSupport"], swiftSettings: tests),
    .testTarget(name: "KernelsTests", dependencies: ["Kernels", "TestSupport"], swiftSettings: tests),
    .testTarget(name: "RandomNumbersTests", dependencies: ["RandomNumbers"], swiftSettings: tests),
  ]
)
