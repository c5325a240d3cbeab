/// Lends `count` pieces of `size` floats each, with undefined values, on 64-byte boundaries.
@unsafe func withScratch(
  _ size: Int, per count: Int = 1, _ body: (_ scratch: MutableAddress<Float>, _ each: Int) -> Void
) {
  let each = (size + 15) / 16 * 16
  let base = unsafe Memory.take(each * count, zeroed: false)
  unsafe body(MutableAddress(base: base), each)
  unsafe Memory.give(base, each * count)
}
