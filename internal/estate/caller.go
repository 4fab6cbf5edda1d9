package estate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// identity is a user, a role or a person's session in a role: whatever the
// company gives tags to and that calls models.
type identity struct {
	label   string // unique within the payer; seeds its numbers
	account *account
	// arn is the caller as billed. Where sessions is set, it ends before the
	// session's name, which differs from day to day.
	arn      string
	sessions func(r *rand.Rand, day time.Time) string

	team    team
	moved   *team // from movedOn on
	movedOn time.Time
	noTags  bool // one of the 6 %
	teamKey string
	badges  [2][]pair // the tags, before and after the move; nil for none
	app     string    // resource tag of its inference profiles; empty for none

	region region
	offers []offer
	bought []bought // the offers, in the caller's region
	// busy is the share of days with calls, weekdays only for people.
	busy     float64
	weekends bool
	volume   float64 // thousands of tokens on an average busy day
	joins    int     // month of the year, from 0, in which it first calls
}

func userARN(a *account, path, name string) string {
	return "arn:aws:iam::" + a.id + ":user" + path + name
}

func sessionARN(a *account, role, session string) string {
	return "arn:aws:sts::" + a.id + ":assumed-role/" + role + "/" + session
}

// ssoRole is the role that Identity Center makes for a permission set in one account.
func ssoRole(a *account, set string) string {
	return fmt.Sprintf("AWSReservedSSO_%s_%s", set, hexOf(16, a.id, set))
}

// hexOf returns an identifier of at most 64 hexadecimal digits, always the same for a name.
func hexOf(length int, name ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(name, "\x00")))
	return hex.EncodeToString(sum[:])[:length]
}

func person(n int) string { return personName(n) + "@example.com" }

// groupCallers are the callers of the large payer, in every form of ARN.
func (e *Estate) groupCallers(p *payer, s scale) []*identity {
	prod, dev, science, support := p.accounts[1], p.accounts[2], p.accounts[3], p.accounts[4]
	tools, search, shared, sandbox := p.accounts[5], p.accounts[6], p.accounts[7], p.accounts[8]
	var list []*identity
	add := func(id identity) { list = append(list, &id) }

	// Two thirds of the people work through Identity Center, where AWS sets the
	// session's name: an e-mail address, or a plain name for older users.
	sets := []struct {
		name string
		at   *account
	}{{"Developer", tools}, {"DataScientist", science}, {"AIPowerUser", dev}}
	personOffers := [][]offer{{sonnetMarketGlobal}, {sonnetMarketGeo, haikuMarketGlobal}, {haikuMarketGeo}, {opusMarketGlobal}, {sonnet4Service}, {opusMantle}}
	for i := range s.people {
		set, name := sets[i%len(sets)], person(i)
		if i%4 == 3 {
			name = personName(i)
		}
		id := identity{account: set.at, team: e.teams[i%len(e.teams)], region: p.regions[i%2], offers: personOffers[i%len(personOffers)],
			busy: 0.42, volume: 7500, joins: max(0, i%9-4)}
		switch {
		case i%6 == 4:
			id.label, id.arn = "oidc-"+personName(i), sessionARN(tools, "BedrockFederatedAccess", person(i))
			id.account = tools
		case i%6 == 5:
			id.label, id.arn = "claude-code-"+personName(i), sessionARN(tools, "ClaudeCodeAccess", "claude-code-"+personName(i))
			id.account = tools
		default:
			id.label, id.arn = "sso-"+personName(i), sessionARN(set.at, ssoRole(set.at, set.name), name)
		}
		add(id)
	}
	// The same people through a second role.
	add(identity{label: "oidc-alice", account: tools, arn: sessionARN(tools, "BedrockFederatedAccess", "Alice@example.com"), team: teams[0],
		region: virginia, offers: []offer{sonnetMarketGeo}, busy: 0.3, volume: 4000})
	add(identity{label: "admin-bob", account: sandbox, arn: sessionARN(sandbox, ssoRole(sandbox, "Administrator"), "bob@example.com"), team: teams[1],
		region: virginia, offers: []offer{novaPro}, busy: 0.2, volume: 300})
	add(identity{label: "claude-code-carol", account: tools, arn: sessionARN(tools, "ClaudeCodeAccess", "claude-code-carol"), team: teams[2],
		region: oregon, offers: []offer{haikuMarketGlobal}, busy: 0.3, volume: 5000})

	// Applications, each behind a role.
	apps := []struct {
		name, role, session string
		at                  *account
		team                team
		offers              []offer
	}{
		{"support-assistant", "support-assistant", "support-assistant-api", support, teams[2], []offer{sonnetInHouse}},
		{"search-answers", "search-answers", "i-0a1b2c3d4e5f60718", search, teams[3], []offer{novaLite, cohereRerank}},
		{"document-index", "document-index", "document-index-worker", search, teams[3], []offer{cohereEmbed, titanEmbed}},
		{"payments-triage", "payments-triage", "payments-triage-fn", prod, teams[4], []offer{haiku3}},
		{"campaign-writer", "campaign-writer", "campaign-writer", prod, teams[5], []offer{novaCanvas, novaMicro}},
		{"risk-review", "risk-review", "risk-review-batch", prod, teams[7], []offer{sonnet4Batch, llamaBatch}},
		{"catalogue", "catalogue", "catalogue", prod, teams[0], []offer{nova2Flex, nova2Global}},
		{"evaluation", "evaluation", "evaluation-nightly", science, teams[1], []offer{gptOSS, gptOSSMantle, sonnetMarketBatch}},
		{"voice-notes", "voice-notes", "voice-notes", dev, teams[6], []offer{novaProFast, gptOSSPriority}},
	}
	for i := range s.apps {
		a := apps[i%len(apps)]
		name, session := a.name, a.session
		if round := i / len(apps); round > 0 {
			name = fmt.Sprintf("%s-%d", a.name, round+1)
		}
		id := identity{label: "app-" + name, account: a.at, arn: sessionARN(a.at, name, session), team: a.team, region: p.regions[i%3],
			offers: a.offers, busy: 0.93, weekends: true, volume: 30_000}
		if i%2 == 0 {
			id.app = name
		}
		add(id)
	}
	add(identity{label: "role-itself", account: prod, arn: "arn:aws:iam::" + prod.id + ":role/service/report-writer", team: teams[5],
		region: virginia, offers: []offer{llama}, busy: 0.4, weekends: true, volume: 2000, app: "report-writer"})

	// One gateway for everybody: its role says nothing about people.
	for _, session := range []string{"litellm-proxy", "litellm-proxy-canary"} {
		add(identity{label: "gateway-" + session, account: shared, arn: sessionARN(shared, "llm-gateway", session), team: teams[0],
			region: virginia, offers: []offer{sonnetMarketGlobal, opusMantleGeo}, busy: 0.95, weekends: true, volume: 20_000})
	}

	// Machines and functions whose sessions have names without meaning.
	add(identity{label: "batch-machines", account: science, arn: sessionARN(science, "batch-inference", ""), team: teams[1],
		sessions: instanceSessions(s.instances), region: oregon, offers: []offer{gptOSS}, busy: 0.9, weekends: true, volume: 6000, app: "nightly-batch"})
	add(identity{label: "sdk-sessions", account: dev, arn: sessionARN(dev, "prototype", ""), team: teams[6],
		sessions: sdkSessions, region: virginia, offers: []offer{novaPro, unknownSteps}, busy: 0.5, volume: 700})

	// IAM users, among them those behind long-term Bedrock API keys.
	for i, u := range []struct{ path, name string }{{"/", "bob"}, {"/ml/", "svc-forecast"}, {"/service/legacy/", "svc-translate"}} {
		add(identity{label: "user-" + u.name, account: sandbox, arn: userARN(sandbox, u.path, u.name), team: e.teams[(i+1)%len(e.teams)],
			region: virginia, offers: []offer{novaLite}, busy: 0.5, weekends: i > 0, volume: 1500})
	}
	for i := range s.keys {
		name := "BedrockAPIKey-" + hexOf(4, p.id, "key", fmt.Sprint(i))
		add(identity{label: name, account: dev, arn: userARN(dev, "/", name), team: e.teams[(i+3)%len(e.teams)],
			region: oregon, offers: []offer{haikuMarketGlobal}, busy: 0.35, volume: 400, joins: i})
	}
	add(identity{label: "federated-dave", account: sandbox, arn: "arn:aws:sts::" + sandbox.id + ":federated-user/dave", team: teams[3],
		region: virginia, offers: []offer{novaMicro}, busy: 0.15, volume: 200})
	add(identity{label: "root", account: sandbox, arn: "arn:aws:iam::" + sandbox.id + ":root", team: teams[0],
		region: virginia, offers: []offer{novaMicro}, busy: 0.05, volume: 50, joins: 3})
	return list
}

// instanceSessions names sessions after one of n machines.
func instanceSessions(n int) func(*rand.Rand, time.Time) string {
	return func(r *rand.Rand, _ time.Time) string { return "i-0" + hexOf(16, "instance", fmt.Sprint(r.IntN(n))) }
}

// sdkSessions names sessions as SDKs do that are given no name: by the second.
func sdkSessions(r *rand.Rand, day time.Time) string {
	return fmt.Sprintf("botocore-session-%d", day.Unix()+int64(r.IntN(86400)))
}

func (e *Estate) europeCallers(p *payer) []*identity {
	prod, dev := p.accounts[1], p.accounts[2]
	var list []*identity
	for i := range 8 {
		n := 40 + i
		list = append(list, &identity{label: "sso-" + personName(n), account: dev, arn: sessionARN(dev, ssoRole(dev, "Developer"), person(n)),
			team: teams[i%4], region: frankfurt, offers: [][]offer{{sonnetMarketGeo}, {haikuMarketGeo}, {novaPro}}[i%3], busy: 0.42, volume: 4000})
	}
	// Carol works for both companies.
	list = append(list,
		&identity{label: "sso-carol", account: dev, arn: sessionARN(dev, ssoRole(dev, "Developer"), "carol@example.com"), team: teams[2],
			region: frankfurt, offers: []offer{sonnetMarketGeo}, busy: 0.1, volume: 300},
		&identity{label: "app-contracts", account: prod, arn: sessionARN(prod, "contract-reader", "contract-reader"), team: teams[7],
			region: ireland, offers: []offer{novaLite}, busy: 0.95, weekends: true, volume: 40_000, app: "contract-reader"},
		&identity{label: "app-help", account: prod, arn: sessionARN(prod, "help-desk", "help-desk-api"), team: teams[2],
			region: frankfurt, offers: []offer{haikuMarketGeo}, busy: 0.95, weekends: true, volume: 8000})
	return list
}

func (e *Estate) labsCallers(p *payer) []*identity {
	prod := p.accounts[1]
	var list []*identity
	for i := range 5 {
		n := 60 + i
		id := &identity{label: "user-" + personName(n), account: prod, arn: userARN(prod, "/labs/", personName(n)),
			team: teams[6], region: oregon, offers: [][]offer{{sonnetMarketGlobal}, {gptOSS}}[i%2], busy: 0.3, volume: 5000}
		if i > 2 {
			id.label, id.arn = "sso-"+personName(n), sessionARN(prod, ssoRole(prod, "Researcher"), person(n))
		}
		list = append(list, id)
	}
	return append(list, &identity{label: "app-agents", account: prod, arn: sessionARN(prod, "agent-runner", ""), sessions: sdkSessions,
		team: teams[6], region: oregon, offers: []offer{opusMarketGlobal}, busy: 0.3, volume: 3000})
}
