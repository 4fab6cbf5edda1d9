package estate

// kind is what a model call is metered by.
type kind int

const (
	input kind = iota
	output
	cacheRead
	write5m
	write1h
	whole // an offer with one meter: images, embeddings, searches
	kinds
)

// offer is one way to buy one model. Its meters are nil for kinds that are not sold.
type offer struct {
	meters [kinds]*meter
	// model is the Bedrock model id of the resource ARN; empty where rows name
	// none. profile is the cross-region profile it is called by: "geo" for that
	// of the region's continent, "global", or empty.
	model, profile string
}

// prices are dollars for a million tokens; an empty text is a kind not sold.
type prices struct{ in, out, read, write5m, write1h string }

func (p prices) of(k kind) string {
	return [...]string{p.in, p.out, p.read, p.write5m, p.write1h}[k]
}

// naming turns a kind of token into the parts of a bill's line.
type naming struct {
	usage [whole]string // by kind
	words [whole]string // by kind, for the description
}

var (
	inHouse = naming{
		usage: [...]string{"input-tokens", "output-tokens", "cache-read-input-token-count", "cache-write-input-token-count", "cache-write-1h-input-token-count"},
		words: [...]string{"input tokens", "output tokens", "cache read input tokens", "cache write input tokens", "cache write 1h input tokens"},
	}
	mantle = naming{
		usage: [...]string{"input-tokens", "output-tokens", "cache-read-tokens", "cache-write-tokens-5m", "cache-write-tokens-1h"},
		words: inHouse.words,
	}
	camel = naming{
		usage: [...]string{"InputTokenCount", "OutputTokenCount", "CacheReadInputTokenCount", "CacheWriteInputTokenCount", "CacheWrite1hInputTokenCount"},
		words: [...]string{"Million Input Tokens", "Million Response Tokens", "Million Cache Read Input Tokens", "Million Cache Write Input Tokens", "Million Cache Write 1h Input Tokens"},
	}
	snake = naming{
		usage: [...]string{"input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens_5m", "cache_write_tokens_1h"},
		words: camel.words,
	}
)

// thousands and millions are the units in which token quantities come.
const (
	thousands = "1K tokens"
	millions  = "1M tokens"
	units     = "Units"
)

// tokenOffer makes an offer whose usage types are before + kind + after. m
// holds what all its meters share; describe gets the kind's words for {k}.
func tokenOffer(m meter, n naming, before, after string, p prices, describe func(words string) string) offer {
	var o offer
	for k := input; k < whole; k++ {
		text := p.of(k)
		if text == "" {
			continue
		}
		one := m
		one.usage, one.describe = before+n.usage[k]+after, describe(n.words[k])
		one.price, one.scale = dec(text), 6
		if m.unit == thousands {
			one.price, one.scale = dec(text).Mul(scaled(1, 3)), 3
		}
		o.meters[k] = &one
	}
	return o
}

// bedrock makes an offer that AWS sells itself, under one of its product codes.
func bedrock(code, provider, name, id, unit string, n naming, before, after string, p prices) offer {
	product := "Amazon Bedrock"
	if code == "AmazonBedrockService" || code == "AmazonBedrockFoundationModels" {
		product = "Amazon Bedrock Service"
	}
	m := meter{ai: true, code: code, product: product, family: "Amazon Bedrock", operation: "InvokeModelInference",
		unit: unit, provider: provider, model: name, inference: "Text", feature: "On-demand Inference"}
	o := tokenOffer(m, n, before, after, p, func(words string) string {
		return "${$} per " + unit[:2] + " " + words + " for " + name + " in {n}"
	})
	o.model = id
	return o
}

// edition makes an offer of a Marketplace seller. route is what follows the
// kind in the description: " Regional CRIS", " Global", ….
func edition(seller, provider, name, id, profile string, n naming, after, route string, p prices) offer {
	m := meter{ai: true, seller: seller, product: name + " (Amazon Bedrock Edition)", family: "Amazon Bedrock",
		operation: "InvokeModelInference", unit: units, provider: provider}
	o := tokenOffer(m, n, "{p}-MP:{p}_", after+"-Units", p, func(words string) string {
		return "AWS Marketplace software usage|{r}|" + words + route
	})
	o.model, o.profile = id, profile
	return o
}

// single makes an offer with one meter.
func single(m meter, id string) offer {
	var o offer
	o.meters[whole], o.model = &m, id
	return o
}

const (
	anthropic = "Anthropic, PBC"
	cohere    = "Cohere Inc."
)

// The prices are public list prices as measured in July and August 2026, in
// dollars for a million tokens.
var (
	sonnetGeo    = prices{"3.30", "16.50", "0.33", "4.125", "6.60"}
	sonnetGlobal = prices{"3.00", "15.00", "0.30", "3.75", "6.00"}
	haikuGeo     = prices{"1.10", "5.50", "0.11", "1.375", "2.20"}
	haikuGlobal  = prices{"1.00", "5.00", "0.10", "1.25", "2.00"}
	opusGeo      = prices{"5.50", "27.50", "0.55", "6.875", "11.00"}
	opusGlobal   = prices{"5.00", "25.00", "0.50", "6.25", "10.00"}
)

// The models of the company, by how they are bought.
var (
	sonnetMarketGeo    = edition(anthropic, "Anthropic", "Claude Sonnet 4.6", "anthropic.claude-sonnet-4-6", "geo", camel, "", " Regional CRIS", sonnetGeo)
	sonnetMarketGlobal = edition(anthropic, "Anthropic", "Claude Sonnet 4.6", "anthropic.claude-sonnet-4-6", "global", camel, "_Global", " Global", sonnetGlobal)
	sonnetMarketBatch  = edition(anthropic, "Anthropic", "Claude Sonnet 4.6", "anthropic.claude-sonnet-4-6", "global", camel, "_Global_Batch", " Global Batch", prices{in: "1.50", out: "7.50"})
	haikuMarketGeo     = edition(anthropic, "Anthropic", "Claude Haiku 4.5", "anthropic.claude-haiku-4-5-20251001-v1:0", "geo", snake, "_standard", " Regional CRIS", haikuGeo)
	haikuMarketGlobal  = edition(anthropic, "Anthropic", "Claude Haiku 4.5", "anthropic.claude-haiku-4-5-20251001-v1:0", "global", snake, "_global_standard", " Global", haikuGlobal)
	opusMarketGlobal   = edition(anthropic, "Anthropic", "Claude Opus 4.6", "anthropic.claude-opus-4-6-v1", "global", camel, "_Global", " Global", opusGlobal)

	sonnetInHouse = bedrock("AmazonBedrock", "Anthropic", "Claude Sonnet 4.6", "anthropic.claude-sonnet-4-6", thousands,
		inHouse, "{p}-Claude4.6Sonnet-", "", sonnetGeo)
	sonnet4Service = bedrock("AmazonBedrockService", "Anthropic", "Claude Sonnet 4", "anthropic.claude-sonnet-4-20250514-v1:0", thousands,
		inHouse, "{p}-Claude4Sonnet-", "-cross-region-global", sonnetGlobal)
	sonnet4Batch = bedrock("AmazonBedrockService", "Anthropic", "Claude Sonnet 4", "anthropic.claude-sonnet-4-20250514-v1:0", thousands,
		inHouse, "{p}-Claude4Sonnet-", "-cross-region-global-batch", prices{in: "1.50", out: "7.50"})
	opusMantle = bedrock("AmazonBedrockFoundationModels", "Anthropic", "Claude Opus 4.8", "anthropic.claude-opus-4-8", millions,
		mantle, "{p}-anthropic.claude-opus-4-8-mantle-", "-global-standard", opusGlobal)
	opusMantleGeo = bedrock("AmazonBedrockFoundationModels", "Anthropic", "Claude Opus 4.8", "anthropic.claude-opus-4-8", millions,
		mantle, "{p}-anthropic.claude-opus-4-8-mantle-", "-standard", opusGeo)
	haiku3 = bedrock("AmazonBedrock", "Anthropic", "Claude 3 Haiku", "anthropic.claude-3-haiku-20240307-v1:0", thousands,
		inHouse, "{p}-Claude3Haiku-", "", prices{in: "0.25", out: "1.25"})

	novaMicro = bedrock("AmazonBedrock", "Amazon", "Nova Micro", "amazon.nova-micro-v1:0", thousands,
		inHouse, "{p}-NovaMicro-", "", prices{in: "0.035", out: "0.14", read: "0.00875"})
	novaLite = bedrock("AmazonBedrock", "Amazon", "Nova Lite", "amazon.nova-lite-v1:0", thousands,
		inHouse, "{p}-NovaLite-", "", prices{in: "0.06", out: "0.24", read: "0.015"})
	novaPro = bedrock("AmazonBedrock", "Amazon", "Nova Pro", "amazon.nova-pro-v1:0", thousands,
		inHouse, "{p}-NovaPro-", "", prices{in: "0.80", out: "3.20", read: "0.20"})
	novaProFast = bedrock("AmazonBedrock", "Amazon", "Nova Pro", "amazon.nova-pro-v1:0", thousands,
		inHouse, "{p}-NovaPro-", "-latency-optimized", prices{in: "1.00", out: "4.00"})
	nova2Flex = bedrock("AmazonBedrock", "Amazon", "Nova 2.0 Lite", "amazon.nova-2-lite-v1:0", thousands,
		inHouse, "{p}-Nova2.0Lite-", "-flex", prices{in: "0.165", out: "1.375"})
	nova2Global = bedrock("AmazonBedrock", "Amazon", "Nova 2.0 Lite", "amazon.nova-2-lite-v1:0", thousands,
		inHouse, "{p}-Nova2.0Lite-", "-cross-region-global", prices{in: "0.30", out: "2.50", read: "0.075"})
	llama = bedrock("AmazonBedrock", "Meta", "Llama 3.3 70B", "meta.llama3-3-70b-instruct-v1:0", thousands,
		inHouse, "{p}-Llama3-3-70B-", "", prices{in: "0.72", out: "0.72"})
	llamaBatch = bedrock("AmazonBedrock", "Meta", "Llama 3.1 405B", "meta.llama3-1-405b-instruct-v1:0", thousands,
		inHouse, "{p}-Llama3-1-405B-", "-batch", prices{in: "1.20", out: "1.20"})
	gptOSS = bedrock("AmazonBedrock", "OpenAI", "gpt-oss-120b", "openai.gpt-oss-120b-1:0", thousands,
		inHouse, "{p}-gpt-oss-120b-", "", prices{in: "0.15", out: "0.60"})
	gptOSSPriority = bedrock("AmazonBedrock", "OpenAI", "gpt-oss-120b", "openai.gpt-oss-120b-1:0", thousands,
		inHouse, "{p}-gpt-oss-120b-", "-priority", prices{in: "0.2625", out: "1.05"})
	gptOSSMantle = bedrock("AmazonBedrock", "OpenAI", "gpt-oss-120b", "openai.gpt-oss-120b-1:0", millions,
		mantle, "{p}-openai.gpt-oss-120b-mantle-", "-standard", prices{in: "0.15", out: "0.60"})
	titanEmbed = bedrock("AmazonBedrock", "Amazon", "Titan Text Embeddings V2", "amazon.titan-embed-text-v2:0", thousands,
		inHouse, "{p}-TitanEmbeddingV2-Text-", "", prices{in: "0.02"})

	cohereEmbed = single(meter{ai: true, seller: cohere, product: "Cohere Embed 4 (Amazon Bedrock Edition)", family: "Amazon Bedrock",
		usage: "{p}-MP:{p}_Cohere_Embed_V4-Units", operation: "InvokeModelInference", unit: units, price: dec("0.12"), scale: 6,
		describe: "AWS Marketplace software usage|{r}|Million Input Tokens", provider: "Cohere"}, "")
	cohereRerank = single(meter{ai: true, seller: cohere, product: "Cohere Rerank 3.5 (Amazon Bedrock Edition)", family: "Amazon Bedrock",
		usage: "{p}-MP:{p}_search_units-Units", operation: "InvokeModelInference", unit: units, price: dec("2.00"), scale: 3,
		describe: "AWS Marketplace software usage|{r}|Thousand Search Units", provider: "Cohere"}, "")
	novaCanvas = single(meter{ai: true, code: "AmazonBedrock", product: "Amazon Bedrock", family: "Amazon Bedrock",
		usage: "{p}-NovaCanvas-T2I-1024-Standard", operation: "InvokeModelInference", unit: "Images", price: dec("0.04"),
		describe: "${$} per image generated by Nova Canvas in {n}", provider: "Amazon", model: "Nova Canvas",
		inference: "Image", feature: "On-demand Inference"}, "amazon.nova-canvas-v1:0")
	// unknownSteps is a meter that nobody's rules know.
	unknownSteps = single(meter{ai: true, code: "AmazonBedrock", product: "Amazon Bedrock", family: "Amazon Bedrock",
		usage: "{p}-Sonata2-reasoning-steps", operation: "InvokeModelInference", unit: "Steps", price: dec("0.00125"),
		describe: "${$} per step for Sonata 2 in {n}", provider: "Example", model: "Sonata 2"}, "example.sonata-2")
)

// tokensOf returns how many tokens one billed unit of the meter stands for.
func (m *meter) tokensOf() int64 {
	if m.unit == thousands {
		return 1000
	}
	return 1_000_000
}

// quantity returns a number of tokens in the meter's unit.
func (m *meter) quantity(tokens int64) fixed {
	if m.tokensOf() == 1000 {
		return fixed{tokens, 3}
	}
	return fixed{tokens, 6}
}
