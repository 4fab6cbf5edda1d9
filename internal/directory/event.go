package directory

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"showback"
)

// Actor is who changes the directory, and from where: what CloudTrail's record
// of an event says of it. (AWS, "CloudTrail User Guide: userIdentity element",
// 2026-09.)
type Actor struct {
	// Type is Root, IAMUser or AssumedRole.
	Type        string
	Account     string // twelve digits
	ARN         string
	PrincipalID string // AIDA…, AROA…:SESSION, or the account
	UserName    string // of a user; of a role session, that of the role
	AccessKeyID string // empty on the command line
	// IssuerARN, IssuerID and SourceIdentity are of a role session: the role with
	// its path, its unique id, and the identity that the session was given.
	IssuerARN, IssuerID, SourceIdentity string
	SourceIP, UserAgent, RequestID      string
}

// Local is who works at the store itself, without a key: the account's root.
func Local(account, command string) Actor {
	return Actor{
		Type: "Root", Account: account, ARN: "arn:aws:iam::" + account + ":root", PrincipalID: account,
		SourceIP: "127.0.0.1", UserAgent: command,
	}
}

// name is whom LookupEvents calls Username.
func (a Actor) name() string {
	switch a.Type {
	case "Root":
		return "root"
	case "AssumedRole":
		return a.ARN[strings.LastIndexByte(a.ARN, '/')+1:]
	}
	return a.UserName
}

// Resource is something that an event is about.
type Resource struct{ Type, Name string }

// happening is what is recorded of one change.
type happening struct {
	name, source      string
	request, response map[string]any // nil is JSON's null
	resources         []Resource
}

const (
	iamSource = "iam.amazonaws.com"
	stsSource = "sts.amazonaws.com"
	ceSource  = "ce.amazonaws.com"
	ownSource = "showback" // for what AWS has no operation for
)

type identityJSON struct {
	Type        string       `json:"type"`
	PrincipalID string       `json:"principalId,omitempty"`
	ARN         string       `json:"arn,omitempty"`
	AccountID   string       `json:"accountId,omitempty"`
	AccessKeyID string       `json:"accessKeyId,omitempty"`
	UserName    string       `json:"userName,omitempty"`
	Session     *contextJSON `json:"sessionContext,omitempty"`
}

type contextJSON struct {
	Issuer         issuerJSON `json:"sessionIssuer"`
	SourceIdentity string     `json:"sourceIdentity,omitempty"`
}

type issuerJSON struct {
	Type        string `json:"type"`
	PrincipalID string `json:"principalId"`
	ARN         string `json:"arn"`
	AccountID   string `json:"accountId"`
	UserName    string `json:"userName"`
}

// recordJSON is a record of CloudTrail, its members in AWS's order. (AWS,
// "CloudTrail User Guide: CloudTrail record contents", 2026-09.)
type recordJSON struct {
	Version    string         `json:"eventVersion"`
	Identity   identityJSON   `json:"userIdentity"`
	Time       string         `json:"eventTime"`
	Source     string         `json:"eventSource"`
	Name       string         `json:"eventName"`
	Region     string         `json:"awsRegion"`
	SourceIP   string         `json:"sourceIPAddress"`
	UserAgent  string         `json:"userAgent"`
	Request    map[string]any `json:"requestParameters"`
	Response   map[string]any `json:"responseElements"`
	RequestID  string         `json:"requestID"`
	EventID    string         `json:"eventID"`
	ReadOnly   bool           `json:"readOnly"`
	Type       string         `json:"eventType"`
	Management bool           `json:"managementEvent"`
	Recipient  string         `json:"recipientAccountId"`
	Category   string         `json:"eventCategory"`
}

// event records a change, within it.
func (t *tx) event(by Actor, h happening) error {
	id := newUUID()
	r := recordJSON{
		Version: "1.08", Time: t.at.Format("2006-01-02T15:04:05Z"), Source: h.source, Name: h.name,
		Region: "us-east-1", // where global services record
		Identity: identityJSON{Type: by.Type, PrincipalID: by.PrincipalID, ARN: by.ARN, AccountID: by.Account,
			AccessKeyID: by.AccessKeyID},
		SourceIP: by.SourceIP, UserAgent: by.UserAgent, Request: h.request, Response: h.response,
		RequestID: by.RequestID, EventID: id, Type: "AwsApiCall", Management: true, Recipient: by.Account, Category: "Management",
	}
	if r.RequestID == "" {
		r.RequestID = newUUID()
	}
	switch by.Type {
	case "IAMUser":
		r.Identity.UserName = by.UserName
	case "AssumedRole":
		r.Identity.Session = &contextJSON{SourceIdentity: by.SourceIdentity, Issuer: issuerJSON{
			Type: "Role", PrincipalID: by.IssuerID, ARN: by.IssuerARN, AccountID: by.Account, UserName: by.UserName}}
	}
	text, err := json.Marshal(r)
	if err != nil {
		return showback.Errorf(showback.KindInternal, "encode event %s: %w", h.name, err)
	}
	row, err := t.insert("INSERT INTO event (event_id, at, name, source, access_key, username, record) VALUES (?, ?, ?, ?, ?, ?, ?)",
		id, micros(t.at), h.name, h.source, by.AccessKeyID, by.name(), string(text))
	if err != nil {
		return err
	}
	for i, res := range h.resources {
		if err := t.exec("INSERT INTO event_resource VALUES (?, ?, ?, ?)", row, i, res.Type, res.Name); err != nil {
			return err
		}
	}
	return nil
}

// newUUID returns a random UUID. (RFC 9562, section 5.4.)
func newUUID() string {
	b := make([]byte, 16)
	rand.Read(b) // never fails; see crypto/rand
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Event is one change, as LookupEvents has it. All of them changed something:
// none is read-only.
type Event struct {
	ID, Name, Source      string
	At                    time.Time
	AccessKeyID, Username string
	Resources             []Resource
	Record                string // the JSON of CloudTrail's record
}

// EventQuery says which events are looked for. Empty fields ask nothing.
type EventQuery struct {
	Start, End                              time.Time // half-open
	ID, Name, Source, AccessKeyID, Username string
	ResourceType, ResourceName              string
	// Before is where the page before ended: its EventPage.Next.
	Before string
	Limit  int // at most this many; at least 1
}

// EventPage is one page of events, the newest first.
type EventPage struct {
	Events []Event
	Next   string // for EventQuery.Before; empty on the last page
}

// Events returns a page of the events asked for. A Before that no page gave is
// an error of KindInvalid.
func (d *Directory) Events(ctx context.Context, ask EventQuery) (EventPage, error) {
	where, args := []string{"1"}, []any{}
	add := func(given bool, term string, values ...any) {
		if given {
			where, args = append(where, term), append(args, values...)
		}
	}
	add(!ask.Start.IsZero(), "e.at >= ?", micros(ask.Start))
	add(!ask.End.IsZero(), "e.at < ?", micros(ask.End))
	add(ask.ID != "", "e.event_id = ?", ask.ID)
	add(ask.Name != "", "e.name = ?", ask.Name)
	add(ask.Source != "", "e.source = ?", ask.Source)
	add(ask.AccessKeyID != "", "e.access_key = ?", ask.AccessKeyID)
	add(ask.Username != "", "e.username = ?", ask.Username)
	add(ask.ResourceType != "", "EXISTS (SELECT 1 FROM event_resource r WHERE r.event = e.id AND r.type = ?)", ask.ResourceType)
	add(ask.ResourceName != "", "EXISTS (SELECT 1 FROM event_resource r WHERE r.event = e.id AND r.name = ?)", ask.ResourceName)
	if ask.Before != "" {
		at, id, ok := cutPlace(ask.Before)
		if !ok {
			return EventPage{}, showback.Errorf(showback.KindInvalid, "look up events: no page ended at %q", ask.Before)
		}
		add(true, "(e.at, e.id) < (?, ?)", at, id)
	}
	var page EventPage
	err := d.look(ctx, func(q querier) error {
		var ids []int64
		err := each(ctx, q, func(scan func(...any) error) error {
			var e Event
			var at, id int64
			if err := scan(&id, &e.ID, &at, &e.Name, &e.Source, &e.AccessKeyID, &e.Username, &e.Record); err != nil {
				return err
			}
			e.At = instant(at)
			ids, page.Events = append(ids, id), append(page.Events, e)
			return nil
		}, "SELECT e.id, e.event_id, e.at, e.name, e.source, e.access_key, e.username, e.record FROM event e WHERE "+
			strings.Join(where, " AND ")+" ORDER BY e.at DESC, e.id DESC LIMIT ?", append(slices.Clone(args), max(1, ask.Limit)+1)...)
		if err != nil {
			return err
		}
		if n := max(1, ask.Limit); len(page.Events) > n {
			page.Events, ids = page.Events[:n], ids[:n]
			page.Next = fmt.Sprintf("%d.%d", micros(page.Events[n-1].At), ids[n-1])
		}
		for i, id := range ids {
			err := each(ctx, q, func(scan func(...any) error) error {
				var r Resource
				err := scan(&r.Type, &r.Name)
				page.Events[i].Resources = append(page.Events[i].Resources, r)
				return err
			}, "SELECT type, name FROM event_resource WHERE event = ? ORDER BY place", id)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return page, err
}

func cutPlace(text string) (at, id int64, ok bool) {
	a, b, found := strings.Cut(text, ".")
	at, err1 := strconv.ParseInt(a, 10, 64)
	id, err2 := strconv.ParseInt(b, 10, 64)
	return at, id, found && err1 == nil && err2 == nil
}
