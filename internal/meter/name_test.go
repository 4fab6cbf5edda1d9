package meter

import "testing"

// TestOneName: a model has one name, however it is billed. The first of each
// list is the name.
func TestOneName(t *testing.T) {
	f := func(provider string, spellings ...string) {
		t.Helper()
		for _, s := range spellings {
			got, maker := name(s)
			if got != spellings[0] {
				t.Errorf("name(%q) = %q, want %q", s, got, spellings[0])
			}
			if maker != provider {
				t.Errorf("provider of %q: %q, want %q", s, maker, provider)
			}
		}
	}
	f("Anthropic", "Claude Sonnet 4.6", "Claude4.6Sonnet", "anthropic.claude-sonnet-4-6", "Claude Sonnet 4.6 (Amazon Bedrock Edition)",
		"us.anthropic.claude-sonnet-4-6-20260101-v1:0", "global.anthropic.claude-sonnet-4-6-v1:0", "Anthropic Claude Sonnet 4.6",
		"Claude 4.6 Sonnet (Amazon Bedrock Edition)",
		"arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6-v1:0")
	f("Anthropic", "Claude Sonnet 4", "Claude4Sonnet", "anthropic.claude-sonnet-4-20250514-v1:0", "Claude Sonnet 4 (Amazon Bedrock Edition)")
	f("Anthropic", "Claude Haiku 4.5", "Claude4.5Haiku", "anthropic.claude-haiku-4-5-20251001-v1:0")
	f("Anthropic", "Claude 3 Haiku", "Claude3Haiku", "anthropic.claude-3-haiku-20240307-v1:0", "Claude Haiku 3")
	f("Anthropic", "Claude 3.7 Sonnet", "Claude3.7Sonnet", "us.anthropic.claude-3-7-sonnet-20250219-v1:0", "Claude 3.7 Sonnet (Amazon Bedrock Edition)")
	f("Anthropic", "Claude 3.5 Sonnet", "Claude3.5Sonnet", "anthropic.claude-3-5-sonnet-20240620-v1:0")
	f("Anthropic", "Claude 3.5 Sonnet v2", "Claude3.5Sonnetv2", "anthropic.claude-3-5-sonnet-20241022-v2:0", "Claude 3.5 Sonnet v2 (Amazon Bedrock Edition)")
	f("Anthropic", "Claude Opus 5", "anthropic.claude-opus-5")
	f("Anthropic", "Claude Opus 10", "Claude10Opus", "anthropic.claude-opus-10-20300101-v1:0")
	f("Anthropic", "Claude Opus 10.5", "Claude10.5Opus")
	f("Anthropic", "Claude Instant", "ClaudeInstant", "anthropic.claude-instant-v1")
	f("Anthropic", "Claude 2", "Claude2.0", "anthropic.claude-v2")

	f("Amazon", "Nova Lite", "NovaLite", "amazon.nova-lite-v1:0", "Amazon Nova Lite", "Nova Lite 1.0")
	f("Amazon", "Nova 2 Lite", "Nova2.0Lite", "us.amazon.nova-2-lite-v1:0", "Nova 2.0 Lite")
	f("Amazon", "Nova 2 Sonic", "NovaSonic2.0", "amazon.nova-2-sonic-v1:0", "Nova Sonic 2.0")
	f("Amazon", "Nova Multimodal Embeddings", "NovaMultiModalEmbeddings", "amazon.nova-2-multimodal-embeddings-v1:0")
	f("Amazon", "Titan Text Embeddings V2", "TitanEmbeddingV2-Text", "TitanEmbedV2", "amazon.titan-embed-text-v2:0")
	f("Amazon", "Titan Text Embeddings G1", "TitanEmbeddingsG1-Text", "amazon.titan-embed-text-v1", "Titan Embeddings G1 - Text")
	f("Amazon", "Titan Multimodal Embeddings G1", "TitanEmbeddingsG1-Image", "amazon.titan-embed-image-v1")
	f("Amazon", "Titan Text Lite", "TitanTextLite", "amazon.titan-text-lite-v1", "Titan Text G1 - Lite")
	f("Amazon", "Amazon Rerank 1", "AmazonRerank-v1", "amazon.rerank-v1:0")

	f("Meta", "Llama 3.1 405B", "Llama3-1-405B", "meta.llama3-1-405b-instruct-v1:0", "Llama 3.1 405B Instruct")
	f("Meta", "Llama 3.3 70B", "Llama3.3-70B", "us.meta.llama3-3-70b-instruct-v1:0")
	f("Meta", "Llama 4 Scout 17B", "Llama4-Scout-17B", "meta.llama4-scout-17b-instruct-v1:0")
	f("Meta", "Llama 2 Chat 70B", "Meta Llama 2 Chat 70B (Amazon Bedrock Edition)")

	f("OpenAI", "gpt-oss-120b", "openai.gpt-oss-120b", "openai.gpt-oss-120b-1:0", "GPT-OSS-120B")
	f("OpenAI", "gpt-oss-safeguard-20b", "GPT-OSS-Safeguard-20B", "openai.gpt-oss-safeguard-20b")
	f("OpenAI", "gpt-5.6-luna", "openai.gpt-5.6-luna", "GPT-5.6 Luna", "OpenAI GPT-5.6 Luna (Amazon Bedrock Edition)")

	f("Mistral AI", "Mistral Large 24.07", "MistralLarge2407", "mistral.mistral-large-2407-v1:0", "Mistral Large (24.07)")
	f("Mistral AI", "Mistral Large 24.02", "MistralLarge", "mistral.mistral-large-2402-v1:0", "Mistral Large")
	f("Mistral AI", "Mistral Large 3", "Mistral-Large-3-675b-Instruct", "mistral.mistral-large-3-675b-instruct")
	f("Mistral AI", "Mixtral 8x7B", "Mixtral8x7B", "mistral.mixtral-8x7b-instruct-v0:1")
	f("Mistral AI", "Ministral 3 8B", "Ministral-3-8b-Instruct", "Ministral 8B 3.0", "mistral.ministral-3-8b-instruct")
	f("Mistral AI", "Pixtral Large", "PixtralLarge2502", "Mistral AI Pixtral Large", "us.mistral.pixtral-large-2502-v1:0")

	f("Mistral AI", "Voxtral Mini 3B", "mistral.voxtral-mini-3b-2507", "Voxtral Mini 1.0")
	f("Mistral AI", "Magistral Small 1.2", "mistral.magistral-small-2509", "Magistral Small 1.2")
	f("Mistral AI", "Devstral 2 123B", "mistral.devstral-2-123b")
	f("Mistral AI", "Mistral 7B", "Mistral7B", "mistral.mistral-7b-instruct-v0:2")

	f("Cohere", "Cohere Embed 4", "Cohere_Embed_V4", "cohere.embed-v4:0", "Cohere Embed 4 Model (Amazon Bedrock Edition)")
	f("Cohere", "Cohere Rerank 3.5", "cohere.rerank-v3-5:0", "Cohere Rerank v3.5 (Amazon Bedrock Edition)")
	f("Cohere", "Command R+", "cohere.command-r-plus-v1:0", "Cohere Command R+")
	f("Cohere", "Command R", "cohere.command-r-v1:0")

	f("AI21 Labs", "Jamba 1.5 Large", "ai21.jamba-1-5-large-v1:0", "Jamba 1.5 Large (Amazon Bedrock Edition)", "AI21 Labs Jamba 1.5 Large")
	f("DeepSeek", "DeepSeek R1", "DeepSeekR1", "DeepSeek-R1", "us.deepseek.r1-v1:0")
	f("DeepSeek", "DeepSeek V3.1", "DeepSeekV3-1", "deepseek.v3.1", "deepseek.v3-v1:0")
	f("Qwen", "Qwen3 32B", "Qwen3-32B", "qwen.qwen3-32b-v1:0", "Qwen3 32B (dense)")
	f("Qwen", "Qwen3 Coder 480B A35B", "qwen.qwen3-coder-480b-a35b-instruct", "Qwen3-Coder-480B-A35B-Instruct")
	f("Moonshot AI", "Kimi K2.5", "KimiK2.5", "moonshotai.kimi-k2.5")
	f("Moonshot AI", "Kimi K2 Thinking", "moonshot.kimi-k2-thinking")
	f("Google", "Gemma 3 12B", "Gemma-3-12B-IT", "google.gemma-3-12b-it")
	f("NVIDIA", "Nemotron 3 Nano 30B", "nvidia.nemotron-nano-3-30b:0", "NVIDIA Nemotron 3 Nano 30B")
	f("MiniMax", "MiniMax M2.5", "MiniMaxM2.5", "minimax.minimax-m2.5")
	f("Z.AI", "GLM 4.7 Flash", "GLM-4.7-Flash", "zai.glm-4.7-flash")
	f("TwelveLabs", "Marengo Embed 3.0", "twelvelabs.marengo-embed-3-0-v1:0", "TwelveLabs Marengo Embed 3.0 (Amazon Bedrock Edition)")
	f("TwelveLabs", "Pegasus 1.2", "us.twelvelabs.pegasus-1-2-v1:0")
	f("Luma AI", "Luma Ray 2", "luma.ray-v2:0", "Luma Ray2")
	f("Writer", "Palmyra X5", "us.writer.palmyra-x5-v1:0")
	f("Stability AI", "Stable Diffusion 3.5 Large", "stability.sd3-5-large-v1:0", "Stable Diffusion 3.5 Large (Amazon Bedrock Edition)")
	f("Stability AI", "Stable Image Ultra", "stability.stable-image-ultra-v1:1")

	// Unknown: as billed, less vendor, route and version.
	f("", "zephyr-9", "us.acme.zephyr-9-v1:0", "acme.zephyr-9-20270101-v2:0")
	f("", "Zephyr Max", "Zephyr Max (Amazon Bedrock Edition)")
	f("", "")
	if got, maker := name("meta.segment-2-v1:0"); got != "segment-2" || maker != "Meta" {
		t.Errorf("a known vendor's unknown model: %q of %q", got, maker)
	}
}
