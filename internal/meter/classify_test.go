package meter

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"showback"
)

// first returns a meter that AWS itself sells.
func first(usageType, unit string) showback.Meter {
	return showback.Meter{
		ProductCode: "AmazonBedrock", BillingEntity: "AWS", ServiceCode: "AmazonBedrock",
		ProductName: "Amazon Bedrock", UsageType: usageType, Unit: unit, Region: "us-east-1",
	}
}

const (
	edition46 = "Claude Sonnet 4.6 (Amazon Bedrock Edition)"
	code46    = "4nv0x1y8ke2q7m3z9b5tc6wd"
)

// market returns a meter of a model sold through AWS Marketplace.
func market(product, usageType, label string) showback.Meter {
	m := showback.Meter{
		ProductCode: code46, BillingEntity: "AWS Marketplace",
		ProductName: product, UsageType: usageType, Unit: "Units", Region: "us-east-1",
	}
	if label != "" {
		m.Description = "AWS Marketplace software usage|us-east-1|" + label
	}
	return m
}

// call returns the meaning of a known model call.
func call(service, provider, model, token, pricing, route string, multiplier int64) showback.Meaning {
	return showback.Meaning{
		AI: true, Known: true, Inference: true, Service: service, Provider: provider, Model: model,
		TokenType: token, PricingModel: pricing, Route: route, Multiplier: multiplier,
	}
}

// TestFirstParty has the usage types of AWS's guide and price list as billed by
// AWS, with the units they are billed in.
func TestFirstParty(t *testing.T) {
	f := func(usageType, unit, provider, model, token, pricing, route string, multiplier int64) {
		t.Helper()
		got := Classify(first(usageType, unit))
		want := call("Amazon Bedrock", provider, model, token, pricing, route, multiplier)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Classify(%s) (-want +got):\n%s", usageType, diff)
		}
	}
	// The documented grammar.
	f("USE1-Claude4.6Sonnet-input-tokens", "1K tokens", "Anthropic", "Claude Sonnet 4.6", "input", "on-demand", "in-region", 1e3)
	f("USE1-Claude4.6Sonnet-output-tokens-cross-region-global", "1K tokens", "Anthropic", "Claude Sonnet 4.6", "output", "on-demand", "global", 1e3)
	f("USE1-Claude4.6Sonnet-cache-read-input-token-count", "1K tokens", "Anthropic", "Claude Sonnet 4.6", "cache read", "on-demand", "in-region", 1e3)
	f("USE1-Claude4.6Sonnet-cache-write-input-token-count", "1K tokens", "Anthropic", "Claude Sonnet 4.6", "cache write 5m", "on-demand", "in-region", 1e3)
	f("USE1-openai.gpt-oss-120b-mantle-input-tokens-standard", "1K tokens", "OpenAI", "gpt-oss-120b", "input", "on-demand", "in-region", 1e3)
	f("USE1-gpt-oss-120b-output-tokens-priority", "1K tokens", "OpenAI", "gpt-oss-120b", "output", "priority", "in-region", 1e3)
	f("USE1-Nova2.0Lite-input-tokens-flex", "1K tokens", "Amazon", "Nova 2 Lite", "input", "flex", "in-region", 1e3)

	// Observed.
	f("USE1-NovaLite-input-tokens", "1K tokens", "Amazon", "Nova Lite", "input", "on-demand", "in-region", 1e3)
	f("USE1-NovaPro-input-tokens-latency-optimized", "1K tokens", "Amazon", "Nova Pro", "input", "latency-optimized", "in-region", 1e3)
	f("USE1-NovaLite-input-tokens-custom-model", "1K tokens", "Amazon", "Nova Lite", "input", "on-demand", "in-region", 1e3)
	f("USE1-Claude3Haiku-input-tokens", "1K tokens", "Anthropic", "Claude 3 Haiku", "input", "on-demand", "in-region", 1e3)
	f("USE1-Llama3-1-405B-output-tokens-batch", "1K tokens", "Meta", "Llama 3.1 405B", "output", "batch", "in-region", 1e3)
	f("USE1-Claude4Sonnet-input-tokens-cross-region-global-batch", "1K tokens", "Anthropic", "Claude Sonnet 4", "input", "batch", "global", 1e3)
	f("USE1-Claude4Sonnet-output-tokens-long-context-cross-region-global", "1M tokens", "Anthropic", "Claude Sonnet 4", "output", "on-demand", "global", 1e6)
	f("EU-Claude4Sonnet-input-tokens-cross-region-geo", "1K tokens", "Anthropic", "Claude Sonnet 4", "input", "on-demand", "geo", 1e3)
	f("USE1-openai.gpt-5.6-luna-mantle-cache-write-tokens-5m-long-ctx-flex", "1K tokens", "OpenAI", "gpt-5.6-luna", "cache write 5m", "flex", "in-region", 1e3)
	f("UGW1-openai.gpt-5.6-terra-mantle-cache-write-tokens-30m-standard", "1M tokens", "OpenAI", "gpt-5.6-terra", "cache write 30m", "on-demand", "in-region", 1e6)
	f("USW2-anthropic.claude-opus-4-8-mantle-cache-write-tokens-1h-global-standard", "1K tokens", "Anthropic", "Claude Opus 4.8", "cache write 1h", "on-demand", "global", 1e3)
	f("APN1-Mistral-Large-3-675b-Instruct-input-tokens-flex", "1K tokens", "Mistral AI", "Mistral Large 3", "input", "flex", "in-region", 1e3)
	f("USE1-mistral.mistral-large-3-675b-instruct-mantle-output-tokens-flex", "1K tokens", "Mistral AI", "Mistral Large 3", "output", "flex", "in-region", 1e3)
	f("USE1-deepseek.v3.2-input-tokens", "1K tokens", "DeepSeek", "DeepSeek V3.2", "input", "on-demand", "in-region", 1e3)
	f("USE1-KimiK2.5-mantle-input-tokens-standard", "1K tokens", "Moonshot AI", "Kimi K2.5", "input", "on-demand", "in-region", 1e3)
	f("USE1-moonshotai.kimi-k2.5-input", "1K tokens", "Moonshot AI", "Kimi K2.5", "input", "on-demand", "in-region", 1e3)
	f("USE1-xai.grok-4.6-mantle-input-tokens-global-standard", "1K tokens", "xAI", "Grok 4.6", "input", "on-demand", "global", 1e3)
	f("NovaLite-input-tokens", "Tokens", "Amazon", "Nova Lite", "input", "on-demand", "in-region", 1)

	// A 4.1 Haiku must not be taken for a one-hour cache.
	f("USE1-Claude4.1Haiku-cache-write-input-token-count", "1K tokens", "Anthropic", "Claude Haiku 4.1", "cache write 5m", "on-demand", "in-region", 1e3)
	// Nor Gemini 2 input for image to image.
	f("USE1-Gemini2-input-tokens", "1K tokens", "", "Gemini2", "input", "on-demand", "in-region", 1e3)

	// Embeddings.
	f("USE1-TitanEmbeddingV2-Text-input-tokens", "1K tokens", "Amazon", "Titan Text Embeddings V2", "embedding", "on-demand", "in-region", 1e3)
	f("USE1-TitanEmbeddingV2-Text-input-tokens-batch", "1K tokens", "Amazon", "Titan Text Embeddings V2", "embedding", "batch", "in-region", 1e3)
	f("USE1-TitanEmbeddingsG1-Image-input-image", "Images Processed", "Amazon", "Titan Multimodal Embeddings G1", "embedding", "on-demand", "in-region", 0)
	f("USE1-NovaMultiModalEmbeddings-input-audio-second", "1K seconds", "Amazon", "Nova Multimodal Embeddings", "embedding", "on-demand", "in-region", 0)

	// Images, video, speech, search units.
	f("USE1-NovaCanvas-T2I-1024-Premium", "image", "Amazon", "Nova Canvas", "image", "on-demand", "in-region", 0)
	f("USE1-NovaCanvas-input-tokens", "image", "Amazon", "Nova Canvas", "image", "on-demand", "in-region", 0)
	f("USE1-NovaReel-T2V-Medfps-HDRes", "seconds", "Amazon", "Nova Reel", "video", "on-demand", "in-region", 0)
	f("USE1-TitanImageGeneratorV2-T2I-512-Standard", "image", "Amazon", "Titan Image Generator V2", "image", "on-demand", "in-region", 0)
	f("USE1-NovaSonic-speech-input-tokens", "1K tokens", "Amazon", "Nova Sonic", "speech", "on-demand", "in-region", 1e3)
	f("USE1-NovaSonic2.0-speech-output-tokens", "1K tokens", "Amazon", "Nova 2 Sonic", "speech", "on-demand", "in-region", 1e3)
	f("USE1-NovaSonic-text-output-tokens", "1K tokens", "Amazon", "Nova Sonic", "output", "on-demand", "in-region", 1e3)
	f("USE1-Nova2.0Pro-text-input-tokens-priority-cross-region-global", "1K tokens", "Amazon", "Nova 2 Pro", "input", "priority", "global", 1e3)
	f("USE1-Nova2.0Pro-input-image-token-count-cross-region-global", "1K tokens", "Amazon", "Nova 2 Pro", "input", "on-demand", "global", 1e3)
	f("USE1-cohere.rerank-english-v3-search-units", "Search Units", "Cohere", "Cohere Rerank 3 English", "search unit", "on-demand", "in-region", 0)
	f("USW2-AmazonRerank-v1-searchunits", "Search Units", "Amazon", "Amazon Rerank 1", "search unit", "on-demand", "in-region", 0)
	f("USE1-BedrockKnowledgeBase-searchunits", "Search Units", "", "", "search unit", "on-demand", "in-region", 0)

	// A name that nobody told us stays as billed.
	f("USE1-Zephyr-9-input-tokens", "1K tokens", "", "Zephyr-9", "input", "on-demand", "in-region", 1e3)
	f("USE1-acme.zephyr-9-mantle-input-tokens-flex", "1K tokens", "", "zephyr-9", "input", "flex", "in-region", 1e3)
}

// TestMarketplace has the two grammars of Marketplace rows.
func TestMarketplace(t *testing.T) {
	f := func(product, usageType, label, provider, model, token, pricing, route string, multiplier int64) {
		t.Helper()
		got := Classify(market(product, usageType, label))
		want := call(product, provider, model, token, pricing, route, multiplier)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Classify(%s, %q) (-want +got):\n%s", usageType, label, diff)
		}
	}
	sonnet := func(usageType, label, token, pricing, route string) {
		t.Helper()
		f(edition46, usageType, label, "Anthropic", "Claude Sonnet 4.6", token, pricing, route, 1e6)
	}
	sonnet("USE1-MP:USE1_input_tokens_global_standard-Units", "Input Tokens - Standard, Global", "input", "on-demand", "global")
	sonnet("USE1-MP:USE1_output_tokens_standard-Units", "", "output", "on-demand", "in-region")
	sonnet("USW2-MP:USW2_cache_write_tokens_1h_global_standard-Units", "Cache Write Tokens (1h TTL) - Standard, Global", "cache write 1h", "on-demand", "global")
	sonnet("USW2-MP:USW2_cache_write_tokens_30m_long_ctx_standard-Units", "", "cache write 30m", "on-demand", "in-region")
	sonnet("USE1-MP:USE1_InputTokenCount-Units", "Million Input Tokens Regional CRIS", "input", "on-demand", "geo")
	sonnet("USE1-MP:USE1_OutputTokenCount-Units", "Million Response Tokens Regional", "output", "on-demand", "in-region")
	sonnet("USE1-MP:USE1_CacheReadInputTokenCount-Units", "Million Cache Read Input Tokens Regional", "cache read", "on-demand", "in-region")
	sonnet("USE1-MP:USE1_CacheWriteInputTokenCount-Units", "Million Cache Write Input Tokens", "cache write 5m", "on-demand", "in-region")
	sonnet("USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units", "Million 1 hour Cache Write Input Tokens Global", "cache write 1h", "on-demand", "global")
	sonnet("USE1-MP:USE1_InputTokenCount_Global_Batch-Units", "Million Batch Input Tokens Global", "input", "batch", "global")
	sonnet("USE1-MP:USE1_MillionBatchInputTokens-Units", "", "input", "batch", "in-region")
	sonnet("USE1-MP:USE1_InputTokenCount_LatencyOptimized-Units", "", "input", "latency-optimized", "in-region")
	// The name without "(Amazon Bedrock Edition)".
	m := market("Claude Sonnet 4.6", "USE1-MP:USE1_InputTokenCount-Units", "")
	m.ProductFamily = "Amazon Bedrock"
	if got := Classify(m); got.Model != "Claude Sonnet 4.6" || got.Provider != "Anthropic" {
		t.Errorf("product named as the model is: %+v", got)
	}
	// The label alone says what was metered.
	sonnet("USE1-MP:USE1_Usage-Units", "Million Response Tokens Global", "output", "on-demand", "global")

	f("Cohere Embed 4 Model (Amazon Bedrock Edition)", "USE1-MP:USE1_Cohere_Embed_V4-Units", "Million Input Tokens",
		"Cohere", "Cohere Embed 4", "embedding", "on-demand", "in-region", 1e6)
	f("Cohere Embed 4 Model (Amazon Bedrock Edition)", "USE1-MP:USE1_Cohere_Embed_V4-Units", "Images",
		"Cohere", "Cohere Embed 4", "embedding", "on-demand", "in-region", 0)
	f("Cohere Embed 4 Model (Amazon Bedrock Edition)", "USE1-MP:USE1_InputTokenCount-Units", "",
		"Cohere", "Cohere Embed 4", "embedding", "on-demand", "in-region", 1e6)
	f("Cohere Embed 4 Model (Amazon Bedrock Edition)", "USE1-MP:USE1_InputImageCount-Units", "",
		"Cohere", "Cohere Embed 4", "embedding", "on-demand", "in-region", 0)
	f("Cohere Rerank v3.5 (Amazon Bedrock Edition)", "USE1-MP:USE1_search_units-Units", "Search Units",
		"Cohere", "Cohere Rerank 3.5", "search unit", "on-demand", "in-region", 0)
	f("Stable Diffusion 3 Large v1.0 (Amazon Bedrock Edition)", "USE1-MP:USE1_created_image-Units", "",
		"Stability AI", "Stable Diffusion 3 Large", "image", "on-demand", "in-region", 0)
	f("OpenAI GPT-6 Astra (Amazon Bedrock Edition)", "USW2-MP:USW2_input_tokens_long_ctx_global_standard-Units", "",
		"OpenAI", "gpt-6-astra", "input", "on-demand", "global", 1e6)
}

// TestNoInference has meters of AI products that are no call of a model: they
// have no route, count no tokens and carry no caller.
func TestNoInference(t *testing.T) {
	f := func(code, usageType, unit, model, token, pricing string) {
		t.Helper()
		m := first(usageType, unit)
		m.ProductCode = code
		got := Classify(m)
		want := showback.Meaning{
			AI: true, Known: true, Service: "Amazon Bedrock",
			Model: model, Provider: got.Provider, TokenType: token, PricingModel: pricing,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Classify(%s) (-want +got):\n%s", usageType, diff)
		}
		if (got.Provider == "") != (model == "") {
			t.Errorf("Classify(%s): provider %q of model %q", usageType, got.Provider, model)
		}
	}
	b := func(usageType, unit, model, token, pricing string) {
		t.Helper()
		f("AmazonBedrock", usageType, unit, model, token, pricing)
	}
	b("USE1-TitanText-Premier-ProvisionedThroughput-Custom-NoCommit-ModelUnits", "Hrs", "Titan Text Premier", "provisioned throughput", "provisioned")
	b("USE1-NovaPro-Customization-Training", "1K tokens", "Nova Pro", "customization training", "customization")
	b("USE1-Nova2.0Lite-RFT-Training-Hours", "Hrs", "Nova 2 Lite", "customization training", "customization")
	b("USE1-NovaMicro-Model-Customization-input-tokens", "1K tokens", "Nova Micro", "customization training", "customization")
	b("USE1-NovaPro-Customization-Storage", "model-month", "Nova Pro", "customization storage", "customization")
	b("USE1-Llama-CustomModelImport-Inference-v1:0", "CMU-minute", "", "custom model import", "custom model import")
	b("USE1-Llama-CustomModelImport-Storage-v1:0", "CMU-month", "", "custom model import storage", "custom model import")
	b("EU-Claude4.5Sonnet-reserved-1-month-input-tokens-per-minute-cross-region-global", "1K TPM Hour", "Claude Sonnet 4.5", "reserved input", "reserved")
	b("USE1-anthropic.claude-opus-5-5-reserved-3-month-output-tokens-per-minute", "1K TPM Hour", "Claude Opus 5.5", "reserved output", "reserved")
	b("USE1-Guardrail-ContentPolicyUnitsConsumed", "TextUnits", "", "guardrail", "on-demand")
	b("USE1-Guardrail-ContentPolicyImageUnitsConsumed", "Images", "", "guardrail", "on-demand")
	b("USE1-ModelEvaluations-HumanTask", "Tasks", "", "evaluation", "on-demand")
	b("USE1-InvokeFlow-NodeTransitions", "Transitions", "", "flow", "on-demand")
	b("USE1-OptimizePrompt-tokens", "1K tokens", "", "prompt optimization", "on-demand")
	b("USE1-Anthropic-Prompt-Routing", "Requests", "", "prompt routing", "on-demand")
	b("USE1-Nova2.0Lite-nova-grounding", "Requests", "Nova 2 Lite", "web grounding", "on-demand")
	b("USE1-Bedrock-Websearch-Queries", "Queries", "", "web search", "on-demand")
	b("USE1-GenerateSQL-Queries", "Queries", "", "structured retrieval", "on-demand")
	b("USE1-DataAutomation-Custom-PagesProcessed", "Pages", "", "data automation", "on-demand")
	b("USE1-DataAutomation-Standard-ImagesProcessed", "Images", "", "data automation", "on-demand")
	b("DataTransfer-Regional-Bytes", "GB", "", "data transfer", "on-demand")

	c := func(usageType, unit, token string) {
		t.Helper()
		f("AmazonBedrockAgentCore", usageType, unit, "", token, "on-demand")
	}
	c("USE1-Runtime:Consumption-based:vCPU", "vCPU-Hours", "AgentCore runtime vCPU")
	c("APN2-Runtime:Consumption-based:Memory", "GB-Hours", "AgentCore runtime memory")
	c("USE1-CodeInterpreter:Consumption-based:vCPU", "vCPU-Hours", "AgentCore code interpreter vCPU")
	c("USE1-CodeInterpreter:Consumption-based:Memory", "GB-Hours", "AgentCore code interpreter memory")
	c("USE1-BrowserTool:Consumption-based:vCPU", "vCPU-Hours", "AgentCore browser vCPU")
	c("USE1-BrowserTool:Consumption-based:Memory", "GB-Hours", "AgentCore browser memory")
	c("USE1-Gateway:Consumption-based:API-Invocations", "Invocations", "AgentCore gateway")
	c("USE1-Memory:Consumption-based:Short-Term-Memory", "Events", "AgentCore short-term memory")
	c("USE1-Memory:Consumption-based:Long-Term-Memory-Storage:Built-in-memory", "Memories", "AgentCore long-term memory")
	c("USW2-Memory:Consumption-based:LTM-Storage:Built-in-memory", "Memories", "AgentCore long-term memory")
	c("USE1-WebSearchTool:Consumption-based:Queries", "Queries", "AgentCore web search")
	c("USE1-Knowledge-Base:Consumption-based:Retrieval", "Queries", "knowledge base")
	c("USE1-Evaluations:Consumption-based:BuiltIn-Input:Tier1", "1M Input Tokens", "AgentCore evaluation")
	c("USE1-CloudFront-Out-Bytes", "GB", "data transfer")

	m := market(edition46, "USE1-MP:USE1_Reserved_1Month_InputTPM_Geo-Units", "Per Hour per 1K Input TPM Reserved 1 Month Regional")
	want := showback.Meaning{
		AI: true, Known: true, Service: edition46, Provider: "Anthropic", Model: "Claude Sonnet 4.6",
		TokenType: "reserved input", PricingModel: "reserved",
	}
	if diff := cmp.Diff(want, Classify(m)); diff != "" {
		t.Errorf("reserved Marketplace capacity (-want +got):\n%s", diff)
	}
	m = market(edition46, "USW2-MP:USW2_ProvisionedThroughput_1MonthCommit_ModelUnits_Usage-Units", "Provisioned Throughput Hourly Price (1 Month Commit)")
	want.TokenType, want.PricingModel = "provisioned throughput", "provisioned"
	if diff := cmp.Diff(want, Classify(m)); diff != "" {
		t.Errorf("provisioned Marketplace throughput (-want +got):\n%s", diff)
	}
}

func TestUnknown(t *testing.T) {
	// Of a usage type that no rule knows, nothing is taken for a model.
	got := Classify(first("USE1-SomethingNew-Widgets", "Widgets"))
	want := showback.Meaning{AI: true, Service: "Amazon Bedrock"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("unknown usage type (-want +got):\n%s", diff)
	}

	got = Classify(market(edition46, "USE1-MP:USE1_Widgets-Units", "Widgets"))
	want = showback.Meaning{AI: true, Service: edition46, Provider: "Anthropic", Model: "Claude Sonnet 4.6"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("unknown usage type of a known product (-want +got):\n%s", diff)
	}

	// AgentCore calls no model: what counts input there is not a model's input.
	m := first("USE1-Payments:Consumption-based:Input-Tokens", "1M Input Tokens")
	m.ProductCode = "AmazonBedrockAgentCore"
	want = showback.Meaning{AI: true, Service: "Amazon Bedrock"}
	if diff := cmp.Diff(want, Classify(m)); diff != "" {
		t.Errorf("unknown AgentCore meter (-want +got):\n%s", diff)
	}
}

// TestNoUsageType has taxes, credits and refunds.
func TestNoUsageType(t *testing.T) {
	got := Classify(first("", ""))
	want := showback.Meaning{AI: true, Known: true, Service: "Amazon Bedrock"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Bedrock without usage type (-want +got):\n%s", diff)
	}
	got = Classify(market(edition46, "", ""))
	want = showback.Meaning{AI: true, Known: true, Service: edition46, Provider: "Anthropic", Model: "Claude Sonnet 4.6"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Marketplace product without usage type (-want +got):\n%s", diff)
	}
}

func TestIsAI(t *testing.T) {
	f := func(name string, want bool, m showback.Meter) {
		t.Helper()
		got := Classify(m)
		if got.AI != want {
			t.Errorf("%s: AI is %v, want %v", name, got.AI, want)
		}
		service := m.ProductName
		if service == "" {
			service = m.ProductCode
		}
		if not := (showback.Meaning{Service: service}); !want && got != not {
			t.Errorf("%s: a meter that is not AI means %+v, want %+v", name, got, not)
		}
	}
	for _, code := range []string{"AmazonBedrock", "AmazonBedrockService", "AmazonBedrockFoundationModels", "AmazonBedrockAgentCore", "AmazonBedrockNext"} {
		f(code, true, showback.Meter{ProductCode: code, UsageType: "USE1-NovaLite-input-tokens"})
	}
	f("service code only", true, showback.Meter{ServiceCode: "AmazonBedrockService"})
	f("product family", true, showback.Meter{ProductCode: code46, ProductFamily: "Amazon Bedrock"})
	f("edition", true, showback.Meter{ProductCode: code46, ProductName: edition46, BillingEntity: "AWS Marketplace"})
	f("edition, no billing entity", true, showback.Meter{ProductCode: code46, ProductName: edition46})
	f("operation", true, showback.Meter{ProductCode: code46, Operation: "InvokeModelInference"})
	f("streaming operation", true, showback.Meter{ProductCode: code46, Operation: "InvokeModelStreamingInference"})

	f("EC2", false, showback.Meter{ProductCode: "AmazonEC2", ProductName: "Amazon Elastic Compute Cloud", UsageType: "BoxUsage:m5.large", Unit: "Hrs"})
	f("SageMaker", false, showback.Meter{ProductCode: "AmazonSageMaker", Operation: "InvokeEndpoint"})
	f("other Marketplace product", false, market("Some Database", "USE1-MP:USE1_InputTokenCount-Units", "Million Input Tokens"))
	f("opaque code alone", false, showback.Meter{ProductCode: code46, BillingEntity: "AWS Marketplace"})
	f("nothing", false, showback.Meter{})
}

func TestClassifyAll(t *testing.T) {
	const other = "7h2mq9w4x8z1c5v6b3n0k8jd"
	tax := showback.Meter{ProductCode: code46, BillingEntity: "AWS Marketplace"}
	otherTax := showback.Meter{ProductCode: other, BillingEntity: "AWS Marketplace"}
	usage := market(edition46, "USE1-MP:USE1_InputTokenCount-Units", "")
	named := tax
	named.ProductName = "Some Database"
	foreign := tax
	foreign.BillingEntity = "AWS"
	wordy := showback.Meter{ProductCode: "AmazonEC2"}
	// AI by its family, so that its code is known, but not opaque.
	familiar := showback.Meter{ProductCode: "AmazonEC2", ProductFamily: "Amazon Bedrock"}

	got := ClassifyAll([]showback.Meter{tax, otherTax, usage, named, foreign, wordy, familiar})
	wantTax := showback.Meaning{AI: true, Known: true, Service: edition46, Provider: "Anthropic", Model: "Claude Sonnet 4.6"}
	if diff := cmp.Diff(wantTax, got[0]); diff != "" {
		t.Errorf("tax of a known product (-want +got):\n%s", diff)
	}
	if got[1].AI || got[1].Service != other {
		t.Errorf("tax of an unknown product: %+v", got[1])
	}
	if diff := cmp.Diff(Classify(usage), got[2]); diff != "" {
		t.Errorf("usage (-alone +together):\n%s", diff)
	}
	for i, what := range map[int]string{3: "a product with another name", 4: "a code that Marketplace does not sell", 5: "AWS's own code"} {
		if got[i].AI {
			t.Errorf("%s became AI: %+v", what, got[i])
		}
	}
	if !got[6].AI {
		t.Error("the Bedrock family is not AI")
	}

	// An export without product names still finds the tax, by the operation of
	// the calls; then the code is all the name there is.
	nameless := usage
	nameless.ProductName, nameless.Operation = "", "InvokeModelInference"
	got = ClassifyAll([]showback.Meter{nameless, tax})
	if !got[0].AI || !got[1].AI || got[1].Service != code46 || got[1].Model != "" {
		t.Errorf("without product names: %+v", got)
	}
	// With one meter that has it, all have it, in any order.
	for _, ms := range [][]showback.Meter{{nameless, tax, usage}, {usage, nameless, tax}, {tax, usage, nameless}} {
		for i, m := range ClassifyAll(ms) {
			if m.Service != edition46 || m.Model != "Claude Sonnet 4.6" {
				t.Errorf("meter %d of %d together: %+v", i, len(ms), m)
			}
		}
	}
}

// TestProviderSpelling: one provider has one spelling, whoever names it.
func TestProviderSpelling(t *testing.T) {
	f := func(attribute, want string) {
		t.Helper()
		m := first("USE1-Mistral7B-input-tokens", "1K tokens")
		m.Provider = attribute
		if got := Classify(m).Provider; got != want {
			t.Errorf("provider %q: got %q, want %q", attribute, got, want)
		}
	}
	f("", "Mistral AI")
	f("Mistral", "Mistral AI")
	f("Mistral AI", "Mistral AI")
	f("Moonshot AI", "Moonshot AI")
	f("Z.AI", "Z.AI")
	f("Acme Models", "Acme Models")
}

// TestAttributes: AWS's attributes name the model better than the short name in
// the usage type, but not better than the id there.
func TestAttributes(t *testing.T) {
	m := first("USE1-C46S-input-tokens", "1K tokens")
	m.Model = "Claude Sonnet 4.6"
	if got := Classify(m); got.Model != "Claude Sonnet 4.6" || got.Provider != "Anthropic" {
		t.Errorf("attribute: %+v", got)
	}
	m = first("USE1-mistral.voxtral-small-24b-2507-mantle-input-tokens-standard", "1K tokens")
	m.Model = "Voxtral-Mini-24B"
	if got := Classify(m); got.Model != "Voxtral Small 24B" {
		t.Errorf("id in the usage type: %+v", got)
	}
	m = first("USE1-X9", "1K tokens")
	m.Model, m.InferenceType = "Nova Lite", "Input tokens"
	if got := Classify(m); got.TokenType != "input" || got.Multiplier != 1000 || got.Model != "Nova Lite" {
		t.Errorf("inference type: %+v", got)
	}
}
