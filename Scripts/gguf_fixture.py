"""What the scripts that make GGUF fixtures share."""


def save(writer, path):
    """Writes the file that a gguf.GGUFWriter has collected for a path, and says how large it is."""
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{path}: {path.stat().st_size} bytes")
