// Whoever may use kernels may stop with a message.
@_exported public import Diagnostics
