// import_customers tells Kulanz who the customers are, over one stream: import_customers FILE.csv
//
// The columns are those of deploy/sample/customers.csv. To import a customer again replaces what was known of them,
// so the whole file may be sent again: each night, or because the connection broke in the middle.
package main

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/status"
	"kulanz.dev/api/kulanz/v1"
	"kulanz.dev/examples/kulanzclient"
)

// All others are addressed by name.
var salutations = map[string]kulanzv1.Salutation{
	"ms": kulanzv1.Salutation_SALUTATION_MS, "mr": kulanzv1.Salutation_SALUTATION_MR}

func customerOf(row map[string]string) (*kulanzv1.Customer, error) {
	customer := &kulanzv1.Customer{
		CustomerId: row["customer_id"], GivenName: row["given_name"], FamilyName: row["family_name"],
		Salutation: salutations[row["salutation"]], Email: row["email"], Locale: row["locale"],
		TimeZone: row["time_zone"], CustomerSince: row["customer_since"], Segment: row["segment"],
		Tags: strings.FieldsFunc(row["tags"], func(letter rune) bool { return letter == ';' })}
	var err error
	if row["orders_completed"] != "" {
		if customer.OrdersCompleted, err = strconv.ParseInt(row["orders_completed"], 10, 64); err != nil {
			return nil, err
		}
	}
	if row["lifetime_value"] != "" {
		customer.LifetimeValue, err = kulanzclient.Money(row["lifetime_value"] + " " + row["currency"])
	}
	return customer, err
}

// All of them before the first is sent: a row that cannot be read shall not break a stream.
func customersOf(path string) (customers []*kulanzv1.Customer, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	for _, cells := range rows[1:] {
		row := map[string]string{}
		for i, name := range rows[0] {
			row[name] = cells[i]
		}
		customer, err := customerOf(row)
		if err != nil {
			return nil, err
		}
		customers = append(customers, customer)
	}
	return customers, nil
}

func main() {
	options := kulanzclient.AddOptions()
	if len(os.Args) < 2 {
		kulanzclient.Fail("usage: import_customers FILE.csv")
	}
	_ = flag.CommandLine.Parse(os.Args[2:]) // ends the program when they are wrong
	customers, err := customersOf(os.Args[1])
	if err != nil {
		kulanzclient.Fail(err.Error())
	}
	channel, err := options.Connect()
	if err != nil {
		kulanzclient.Fail(err.Error())
	}
	defer channel.Close()

	service := kulanzv1.NewCustomerServiceClient(channel)
	var answer *kulanzv1.ImportCustomersResponse
	err = options.UntilAnswered(10*time.Minute, func(ctx context.Context) error {
		stream, err := service.ImportCustomers(ctx)
		if err != nil {
			return err
		}
		for _, customer := range customers {
			// io.EOF: the stream has ended, and CloseAndRecv says why.
			if err := stream.Send(&kulanzv1.ImportCustomersRequest{Customer: customer}); err == io.EOF {
				break
			} else if err != nil {
				return err
			}
		}
		answer, err = stream.CloseAndRecv()
		return err
	})
	if err != nil {
		kulanzclient.Fail(kulanzclient.Explain(err))
	}
	fmt.Printf("%d created, %d updated, %d rejected\n", answer.Created, answer.Updated, answer.Rejected)
	for _, one := range answer.Rejections {
		fmt.Printf("customer %d (%s): %s%s\n", one.Index+1, one.CustomerId, one.Error.Message,
			kulanzclient.Violations(status.FromProto(one.Error).Details()))
	}
	if answer.Rejected > 0 {
		os.Exit(1)
	}
}
