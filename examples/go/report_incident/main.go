// report_incident reports a late parcel, and stays at it until there is an answer.
//
// Run it twice: the second answer is the first one again, with the same voucher. Nobody has to remember what was
// reported, as the incident's id is made from what the parcel is called anyway.
package main

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"
	"kulanz.dev/api/kulanz/v1"
	"kulanz.dev/examples/kulanzclient"
)

var (
	parcel    = flag.String("parcel", "", "its number")
	customer  = flag.String("customer", "", "who was let down")
	order     = flag.String("order", "", "its id")
	total     = flag.String("total", "", "'80.00 EUR'")
	promised  = flag.String("promised", "", "RFC 3339")
	delivered = flag.String("delivered", "", "RFC 3339")
	cause     = flag.String("cause", "carrier", "who or what held it up")
	showCode  = flag.Bool("show-code", false, "print the voucher's code: only for trying out")
)

func lateDelivery() (*kulanzv1.Incident, error) {
	sum, err := kulanzclient.Money(*total)
	if err != nil {
		return nil, err
	}
	came, err := time.Parse(time.RFC3339, *delivered)
	if err != nil {
		return nil, err
	}
	due, err := time.Parse(time.RFC3339, *promised)
	if err != nil {
		return nil, err
	}
	at := func(instant time.Time) *kulanzv1.AttributeValue {
		return &kulanzv1.AttributeValue{Kind: &kulanzv1.AttributeValue_TimestampValue{TimestampValue: timestamppb.New(instant)}}
	}
	return &kulanzv1.Incident{
		// Names the failure for ever. Never a new id for each attempt: that would be another failure, and another voucher.
		IncidentId: "parcel-" + *parcel + "-late",
		CustomerId: *customer,
		Type:       "late_delivery",
		OccurredAt: timestamppb.New(came),
		Order:      &kulanzv1.Order{OrderId: *order, Total: sum},
		// The facts, as rules/incidents.yaml declares them for this type.
		Attributes: map[string]*kulanzv1.AttributeValue{
			"promised_at":  at(due),
			"delivered_at": at(came),
			"cause":        {Kind: &kulanzv1.AttributeValue_StringValue{StringValue: *cause}},
		},
	}, nil
}

func main() {
	options := kulanzclient.AddOptions()
	flag.Parse()
	incident, err := lateDelivery()
	if err != nil {
		kulanzclient.Fail(err.Error())
	}
	channel, err := options.Connect()
	if err != nil {
		kulanzclient.Fail(err.Error())
	}
	defer channel.Close()

	incidents := kulanzv1.NewIncidentServiceClient(channel)
	var answer *kulanzv1.ReportIncidentResponse
	err = options.UntilAnswered(10*time.Second, func(ctx context.Context) (err error) {
		answer, err = incidents.ReportIncident(ctx, &kulanzv1.ReportIncidentRequest{Incident: incident})
		return err
	})
	if err != nil { // UNKNOWN_CUSTOMER, say: import the customer, and report again
		kulanzclient.Fail(kulanzclient.Explain(err))
	}

	decision := answer.Decision
	outcome := strings.ToLower(strings.TrimPrefix(decision.Outcome.String(), "OUTCOME_"))
	if answer.Replayed {
		outcome += ", as before"
	}
	if decision.Outcome != kulanzv1.Outcome_OUTCOME_GRANTED {
		fmt.Printf("%s: %s\n", outcome, decision.Reason)
		return
	}
	// Log the voucher's id. Its code is worth money to whoever reads it: it stands in the customer's letter.
	fmt.Printf("%s: voucher %s of %s\n", outcome, decision.Voucher.VoucherId, kulanzclient.AsText(decision.Voucher.Amount))
	if *showCode {
		fmt.Println(decision.Voucher.Code)
	}
}
