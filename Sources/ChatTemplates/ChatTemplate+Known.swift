/// Templates of well-known families, for models whose files carry none; written from their documented formats.
extension ChatTemplate {
  /// The templates as text, by name.
  public static let knownSources: [String: String] = [
    "chatml": chatML(system: nil),
    "smollm2": chatML(system: "You are a helpful AI assistant named SmolLM, trained by Hugging Face"),
    "qwen2": chatML(system: "You are a helpful assistant."),
    "llama-2": llama2,
    "llama-3": llama3,
    "mistral": mistral,
    "vicuna": vicuna,
    "zephyr": zephyr,
    "tinyllama": zephyr,
    "phi-3": phi3,
    "gemma": gemma,
    "deepseek": deepSeek,
  ]

  /// `<|im_start|>role\ncontent<|im_end|>\n`, with a system turn of its own if the conversation has none.
  private static func chatML(system: String?) -> String {
    let opening =
      system.map {
        """
        {%- if loop.first and message.role != 'system' %}
        {{- '<|im_start|>system\\n\($0)<|im_end|>\\n' }}
        {%- endif %}

        """
      } ?? ""
    return """
      {%- for message in messages %}
      \(opening){{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
      {%- endfor %}
      {%- if add_generation_prompt %}
      {{- '<|im_start|>assistant\\n' }}
      {%- endif %}
      """
  }

  /// Beginning of Llama-2, Mistral and Gemma: roles must alternate.
  private static let alternation = #"""
    {%- if (message.role == 'user') != (loop.index0 % 2 == 0) %}
    {{- raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}
    {%- endif %}
    """#

  private static let llama2 = #"""
    {%- set turns = messages[1:] if messages[0].role == 'system' else messages %}
    {%- for message in turns %}
    \#(alternation)
    {%- set content = message.content %}
    {%- if loop.first and messages[0].role == 'system' %}
    {%- set content = '<<SYS>>\n' + messages[0].content + '\n<</SYS>>\n\n' + content %}
    {%- endif %}
    {%- if message.role == 'user' %}
    {{- bos_token + '[INST] ' + content.strip() + ' [/INST]' }}
    {%- else %}
    {{- ' ' + content.strip() + ' ' + eos_token }}
    {%- endif %}
    {%- endfor %}
    """#

  private static let llama3 = #"""
    {%- for message in messages %}
    {%- if loop.first %}
    {{- bos_token }}
    {%- endif %}
    {{- '<|start_header_id|>' + message.role + '<|end_header_id|>\n\n' + message.content | trim + '<|eot_id|>' }}
    {%- endfor %}
    {%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}
    {%- endif %}
    """#

  private static let mistral = #"""
    {{- bos_token }}
    {%- for message in messages %}
    \#(alternation)
    {%- if message.role == 'user' %}
    {{- '[INST] ' + message.content + ' [/INST]' }}
    {%- elif message.role == 'assistant' %}
    {{- message.content + eos_token + ' ' }}
    {%- else %}
    {{- raise_exception('Only user and assistant roles are supported!') }}
    {%- endif %}
    {%- endfor %}
    """#

  private static let vicuna = #"""
    {%- if messages[0].role == 'system' %}
    {%- set turns = messages[1:] %}
    {{- messages[0].content.strip() + ' ' }}
    {%- else %}
    {%- set turns = messages %}
    {{- "A chat between a curious user and an artificial intelligence assistant. " }}
    {{- "The assistant gives helpful, detailed, and polite answers to the user's questions. " }}
    {%- endif %}
    {%- for message in turns %}
    {%- if message.role == 'user' %}
    {{- 'USER: ' + message.content.strip() + ' ' }}
    {%- elif message.role == 'assistant' %}
    {{- 'ASSISTANT: ' + message.content.strip() + eos_token }}
    {%- endif %}
    {%- endfor %}
    {%- if add_generation_prompt %}
    {{- 'ASSISTANT:' }}
    {%- endif %}
    """#

  private static let zephyr = #"""
    {%- for message in messages %}
    {%- if message.role in ['system', 'user', 'assistant'] %}
    {{- '<|' + message.role + '|>\n' + message.content + eos_token + '\n' }}
    {%- endif %}
    {%- if loop.last and add_generation_prompt %}
    {{- '<|assistant|>\n' }}
    {%- endif %}
    {%- endfor %}
    """#

  private static let phi3 = #"""
    {%- for message in messages %}
    {%- if message.role in ['system', 'user', 'assistant'] %}
    {{- '<|' + message.role + '|>\n' + message.content + '<|end|>\n' }}
    {%- endif %}
    {%- endfor %}
    {{- '<|assistant|>\n' if add_generation_prompt else eos_token }}
    """#

  private static let gemma = #"""
    {{- bos_token }}
    {%- if messages[0].role == 'system' %}
    {{- raise_exception('System role not supported') }}
    {%- endif %}
    {%- for message in messages %}
    \#(alternation)
    {{- '<start_of_turn>' + ('model' if message.role == 'assistant' else message.role) + '\n' }}
    {{- message.content | trim + '<end_of_turn>\n' }}
    {%- endfor %}
    {%- if add_generation_prompt %}
    {{- '<start_of_turn>model\n' }}
    {%- endif %}
    """#

  private static let deepSeek = #"""
    {{- bos_token }}
    {%- for message in messages %}
    {%- if message.role == 'user' %}
    {{- 'User: ' + message.content + '\n\n' }}
    {%- elif message.role == 'assistant' %}
    {{- 'Assistant: ' + message.content + eos_token }}
    {%- elif message.role == 'system' %}
    {{- message.content + '\n\n' }}
    {%- endif %}
    {%- endfor %}
    {%- if add_generation_prompt %}
    {{- 'Assistant:' }}
    {%- endif %}
    """#
}
