package meter

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// family is a line of models that share a word and a way of being named.
type family struct {
	provider string
	// name puts a model's name together from the family's word and the words
	// after it, all in lower case.
	name func(word string, rest []string) string
	// after restricts the word to names where one of these providers stands
	// before it, and stays a part of the name: "embed" alone is no family.
	after []string
}

// families by the word that tells them. Names and ids are those of AWS's price
// list (2026-07 to 2026-10) and of the table of prices of pydantic/genai-prices
// (2026-08), which the tests hold together.
var families = map[string]family{
	"claude":    {provider: "Anthropic", name: claudeName},
	"nova":      {provider: "Amazon", name: novaName},
	"titan":     {provider: "Amazon", name: titanName},
	"llama":     {provider: "Meta", name: llamaName},
	"gpt":       {provider: "OpenAI", name: gptName},
	"mistral":   {provider: "Mistral AI", name: mistralName},
	"mixtral":   {provider: "Mistral AI", name: mistralName},
	"ministral": {provider: "Mistral AI", name: mistralName},
	"pixtral":   {provider: "Mistral AI", name: mistralName},
	"magistral": {provider: "Mistral AI", name: mistralName},
	"voxtral":   {provider: "Mistral AI", name: mistralName},
	"devstral":  {provider: "Mistral AI", name: mistralName},
	"command":   {provider: "Cohere", name: commandName},
	"embed":     {name: versionName, after: []string{"cohere"}},
	"rerank":    {name: versionName, after: []string{"cohere", "amazon"}},
	"jamba":     {provider: "AI21 Labs", name: plainName},
	"jurassic":  {provider: "AI21 Labs", name: plainName},
	"deepseek":  {provider: "DeepSeek", name: deepseekName},
	"qwen":      {provider: "Qwen", name: qwenName},
	"kimi":      {provider: "Moonshot AI", name: plainName},
	"stable":    {provider: "Stability AI", name: plainName},
	"sd":        {provider: "Stability AI", name: diffusionName},
	"gemma":     {provider: "Google", name: plainName},
	"nemotron":  {provider: "NVIDIA", name: nemotronName},
	"minimax":   {provider: "MiniMax", name: plainName},
	"glm":       {provider: "Z.AI", name: plainName},
	"marengo":   {provider: "TwelveLabs", name: plainName},
	"pegasus":   {provider: "TwelveLabs", name: plainName},
	"ray":       {provider: "Luma AI", name: rayName},
	"palmyra":   {provider: "Writer", name: plainName},
	"grok":      {provider: "xAI", name: plainName},
}

// providers gives each provider one spelling, by its squashed name or the vendor
// in model ids.
var providers = map[string]string{
	"anthropic": "Anthropic",
	"amazon":    "Amazon",
	"aws":       "Amazon",
	"meta":      "Meta",
	"mistral":   "Mistral AI", "mistralai": "Mistral AI",
	"cohere": "Cohere",
	"ai21":   "AI21 Labs", "ai21labs": "AI21 Labs",
	"openai":   "OpenAI",
	"deepseek": "DeepSeek",
	"qwen":     "Qwen",
	"moonshot": "Moonshot AI", "moonshotai": "Moonshot AI",
	"stability": "Stability AI", "stabilityai": "Stability AI",
	"google":  "Google",
	"nvidia":  "NVIDIA",
	"minimax": "MiniMax", "minimaxai": "MiniMax",
	"zai":        "Z.AI",
	"twelvelabs": "TwelveLabs",
	"luma":       "Luma AI", "lumaai": "Luma AI",
	"writer": "Writer",
	"xai":    "xAI",
}

// aliases are names that mean the same model though no rule of spelling says so.
var aliases = map[string]string{
	"Mistral Large":         "Mistral Large 24.02", // billed as MistralLarge since before there was another
	"Mistral Small":         "Mistral Small 24.02",
	"Mistral Large 3 675B":  "Mistral Large 3",
	"Pixtral Large 25.02":   "Pixtral Large",
	"Magistral Small 25.09": "Magistral Small 1.2",
	"Voxtral Mini 1":        "Voxtral Mini 3B",
	"Voxtral Small 1":       "Voxtral Small 24B",
	"Voxtral Mini 24B":      "Voxtral Small 24B", // AWS's display name drifted
	"DeepSeek V3":           "DeepSeek V3.1",     // deepseek.v3-v1:0
	"Devstral 2":            "Devstral 2 123B",
}

var (
	number  = regexp.MustCompile(`^\d{1,2}(?:\.\d{1,2})?$`)
	build   = regexp.MustCompile(`^v\d+(?:\.\d+)?$`)
	size    = regexp.MustCompile(`^[ea]?\d+(?:\.\d+)?(?:x\d+)?[bm]$`)
	yearFmt = regexp.MustCompile(`^2[3-9](?:0[1-9]|1[0-2])$`)
)

// parts sorts the words of a name: the version, the model's size, the build (v2)
// and all others in their order.
type parts struct {
	version, build string
	sizes, words   []string
}

func sortParts(rest []string) parts {
	var p parts
	for _, w := range rest {
		switch {
		case p.version == "" && number.MatchString(w):
			p.version = strings.TrimSuffix(w, ".0")
		case build.MatchString(w):
			p.build = strings.TrimSuffix(w, ".0")
		case size.MatchString(w):
			p.sizes = append(p.sizes, word(w))
		case w != "instruct":
			p.words = append(p.words, word(w))
		}
	}
	return p
}

// join puts words together, empty ones left out.
func join(words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}

func (p parts) size() string { return strings.Join(p.sizes, " ") }
func (p parts) rest() string { return strings.Join(p.words, " ") }

// claudeName puts the version first in the generations before 4 (Claude 3.5
// Sonnet) and last in the later ones (Claude Sonnet 4.5), as Anthropic does.
func claudeName(_ string, rest []string) string {
	p := sortParts(rest)
	version := p.version
	switch {
	case slices.Contains(p.words, "Instant"):
		return "Claude Instant"
	case version == "" && len(p.words) == 0:
		return join("Claude", strings.TrimPrefix(p.build, "v"))
	case older(version):
		if p.build == "v2" && version == "3.5" && p.rest() == "Sonnet" {
			return "Claude 3.5 Sonnet v2"
		}
		return join("Claude", version, p.rest())
	}
	return join("Claude", p.rest(), version)
}

// older reports a version below 4.
func older(version string) bool {
	major, _, _ := strings.Cut(version, ".")
	n, err := strconv.Atoi(major)
	return err == nil && n < 4
}

func novaName(_ string, rest []string) string {
	p := sortParts(rest)
	if slices.Contains(p.words, "Multimodal") {
		return "Nova Multimodal Embeddings"
	}
	if p.version == "1" {
		p.version = ""
	}
	return join("Nova", p.version, p.rest())
}

func titanName(_ string, rest []string) string {
	p := sortParts(slices.DeleteFunc(slices.Clone(rest), func(w string) bool { return w == "g1" }))
	has := func(w string) bool { return slices.Contains(p.words, w) }
	generation := "G1"
	if p.build != "" && p.build != "v1" {
		generation = strings.ToUpper(p.build)
	}
	switch embed := has("Embed") || has("Embedding") || has("Embeddings"); {
	case embed && (has("Image") || has("Multimodal")):
		return "Titan Multimodal Embeddings G1"
	case embed:
		return join("Titan Text Embeddings", generation)
	case has("Image"):
		return join("Titan Image Generator", generation)
	}
	return join("Titan", p.rest())
}

func llamaName(_ string, rest []string) string {
	p := sortParts(rest)
	return join("Llama", p.version, p.rest(), p.size())
}

// gptName writes OpenAI's names as their ids are: gpt-oss-120b, gpt-5.6-luna.
func gptName(_ string, rest []string) string {
	if n := len(rest); n > 1 && rest[n-1] == "1" && size.MatchString(rest[n-2]) {
		rest = rest[:n-1] // openai.gpt-oss-120b-1:0
	}
	return strings.Join(append([]string{"gpt"}, rest...), "-")
}

func mistralName(family string, rest []string) string {
	p := sortParts(rest)
	for i, w := range p.words {
		if yearFmt.MatchString(w) {
			p.words[i] = w[:2] + "." + w[2:]
		}
	}
	if family == "voxtral" { // 2507 is the only release, and the display name lacks it
		p.words = slices.DeleteFunc(p.words, func(w string) bool { return strings.HasPrefix(w, "25.") })
	}
	return join(word(family), p.rest(), p.version, p.size())
}

func commandName(_ string, rest []string) string {
	return plainName("command", strings.Fields(strings.Replace(strings.Join(rest, " "), "r plus", "r+", 1)))
}

// versionName puts the version, which ids write as a build, first: Embed 3 English.
func versionName(family string, rest []string) string {
	p := sortParts(slices.DeleteFunc(slices.Clone(rest), func(w string) bool { return w == "model" }))
	if p.version == "" {
		p.version = strings.TrimPrefix(p.build, "v")
	}
	return join(word(family), p.version, p.rest())
}

func deepseekName(_ string, rest []string) string {
	// deepseek.v3-v1:0: the first v is the model's version.
	if len(rest) > 1 && build.MatchString(rest[0]) && build.MatchString(rest[len(rest)-1]) {
		rest = rest[:len(rest)-1]
	}
	out := []string{"DeepSeek"}
	for i, w := range rest {
		if i > 0 && build.MatchString(w) {
			continue
		}
		out = append(out, word(w))
	}
	return strings.Join(out, " ")
}

// qwenName keeps the version glued to the name: Qwen3 Coder 30B A3B.
func qwenName(_ string, rest []string) string {
	p := sortParts(slices.DeleteFunc(slices.Clone(rest), func(w string) bool { return w == "dense" }))
	return join("Qwen"+p.version, p.rest(), p.size())
}

func diffusionName(_ string, rest []string) string {
	return plainName("stable", append([]string{"diffusion"}, rest...))
}

func nemotronName(_ string, rest []string) string {
	p := sortParts(rest)
	if p.version == "" {
		p.version = strings.TrimPrefix(p.build, "v")
	}
	return join("Nemotron", p.version, p.rest(), p.size())
}

func rayName(family string, rest []string) string { return "Luma " + versionName(family, rest) }

// plainName keeps the order of words and leaves out builds and the mark of an
// instruction-tuned model, which bills leave out too.
func plainName(family string, rest []string) string {
	out := []string{word(family)}
	for _, w := range rest {
		if build.MatchString(w) || w == "instruct" || w == "it" || w == "pt" {
			continue
		}
		out = append(out, word(w))
	}
	return strings.Join(out, " ")
}

var spelled = map[string]string{"glm": "GLM", "minimax": "MiniMax", "vl": "VL", "deepseek": "DeepSeek"}

// letterVersion is a word such as k2.5, r1, x5 or r+.
var letterVersion = regexp.MustCompile(`^[a-z](?:\d+(?:\.\d+)?|\+)?$`)

// word writes one word of a name as names have it.
func word(w string) string {
	switch s, ok := spelled[w]; {
	case ok:
		return s
	case size.MatchString(w):
		return strings.ReplaceAll(strings.ToUpper(w), "X", "x")
	case letterVersion.MatchString(w):
		return strings.ToUpper(w)
	case w == "" || w[0] < 'a' || w[0] > 'z':
		return w
	}
	return strings.ToUpper(w[:1]) + w[1:]
}
